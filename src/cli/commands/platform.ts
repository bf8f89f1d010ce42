import { defineCommand } from '../command.ts'

export const up = defineCommand({
  usage: 'up',
  summary: 'Start the whole platform on this machine',
  options: [{ flag: '--no-open', about: 'never open a browser' }],
  examples: ['fairway up --no-open'],
  fields: [],
  run: ({ local, options }) => local.up(options['open'] === false ? ['--no-open'] : []),
})

export const down = defineCommand({
  usage: 'down',
  summary: 'Stop the platform, its agent and all workloads',
  examples: ['fairway down'],
  fields: ['stopped'],
  async run({ local, out }) {
    const stopped = await local.down()
    out.result({ stopped }, () => (stopped.length === 0 ? 'Nothing was running.' : `Stopped: ${stopped.join(', ')}.`))
    return 0
  },
})
