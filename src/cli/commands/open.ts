import { defineCommand } from '../command.ts'
import { serviceFrom } from '../folder.ts'

export const open = defineCommand({
  usage: 'open [service] [tab]',
  summary: 'Open a page of the portal',
  options: [{ flag: '--print', about: 'only print the address' }],
  examples: ['fairway open shop', 'fairway open shop logs --print'],
  async run({ args, options, session, out }) {
    const name = await serviceFrom(args[0], out)
    const url = `${session.server}/catalog/component/default/${name}${args[1] ? `/${args[1]}` : ''}`
    const canOpen =
      options['print'] !== true &&
      !process.env['CI'] &&
      !process.env['SSH_CONNECTION'] &&
      (process.platform === 'darwin' ||
        process.env['DISPLAY'] !== undefined ||
        process.env['WAYLAND_DISPLAY'] !== undefined)
    if (canOpen) await (await import('open')).default(url)
    out.result({ url }, () => url)
    return 0
  },
})
