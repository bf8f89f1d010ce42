import { defineCommand } from '../command.ts'

export const configExplain = defineCommand({
  usage: 'config explain <key>',
  summary: 'What a setting of this machine is, and what decided it',
  examples: ['fairway config explain server', 'fairway config explain data --json'],
  fields: ['key', 'value', 'from'],
  async run({ args, options, local, out }) {
    const [key = ''] = args
    const flag = key === 'server' ? options['server'] : undefined
    const setting = typeof flag === 'string' ? { key, value: flag, from: '--server' } : local.setting(key)
    out.result(setting, ({ value, from }) => `${value}   (${from})`)
    return 0
  },
})
