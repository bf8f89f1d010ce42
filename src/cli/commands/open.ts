import { PlatformError } from '#errors/platform-error.ts'
import { serviceTabs } from '#model/service-tabs.ts'
import { defineCommand } from '../command.ts'

/** Pages that are about no one service. */
const pages = ['catalog', 'create', 'runs', 'changes', 'deployments', 'environments', 'policies', 'activity', 'docs']
const ofService: readonly string[] = [...serviceTabs, 'promote', 'rollback']

export const open = defineCommand({
  usage: 'open [service] [page]',
  summary: 'Open a page of the portal',
  options: [{ flag: '--print', about: 'only print the address' }],
  examples: [
    'fairway open shop',
    'fairway open shop logs --print',
    'fairway open logs              (inside the service’s repository)',
    `fairway open changes           (or ${pages.filter((page) => page !== 'changes').join(', ')})`,
  ],
  fields: ['url'],
  async run({ args, options, session, out, serviceOf }) {
    const url = `${session.server}${await addressOf(args, serviceOf)}`
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

/** A single word is a service before it is a page, except that no service can be called as a page of the portal is. */
async function addressOf(
  [first, second]: readonly string[],
  service: (given: string | undefined) => Promise<string>,
): Promise<string> {
  const isPage = first !== undefined && second === undefined
  if (isPage && pages.includes(first) && !ofService.includes(first)) return `/${first}`
  const tab = isPage && ofService.includes(first) ? first : second
  const name = await service(tab === first ? undefined : first)
  if (tab === undefined || tab === 'overview') return `/catalog/component/default/${name}`
  if (ofService.includes(tab)) return `/catalog/component/default/${name}/${tab}`
  throw new PlatformError('USAGE', `a service has no page ${tab}`, { hint: `one of ${ofService.join(', ')}` })
}
