import { defineCommand } from '../command.ts'

export const up = defineCommand({
  usage: 'up',
  summary: 'Start the whole platform on this machine',
  options: [{ flag: '--no-open', about: 'never open a browser' }],
  examples: ['fairway up --no-open'],
  run: ({ local, options }) => local.up(options['open'] === false ? ['--no-open'] : []),
})

export const down = defineCommand({
  usage: 'down',
  summary: 'Stop the platform, its agent and all workloads',
  examples: ['fairway down'],
  async run({ local, out }) {
    const stopped = await local.down()
    out.result({ stopped }, () => (stopped.length === 0 ? 'Nothing was running.' : `Stopped: ${stopped.join(', ')}.`))
    return 0
  },
})

export const doctor = defineCommand({
  usage: 'doctor',
  summary: 'What is there, what is missing, and what that costs',
  examples: ['fairway doctor', 'fairway doctor --json'],
  async run({ local, out }) {
    const checks = await local.doctor()
    const lines = checks.map((check) => {
      const more = [check.costs && `costs: ${check.costs}`, check.hint && `mend: ${check.hint}`]
        .filter(Boolean)
        .map((text) => `\n${' '.repeat(22)}${out.dim(String(text))}`)
      return `${out.state(check.state).padEnd(out.isTerminal ? 16 : 8)} ${check.check.padEnd(12)} ${check.found}${more.join('')}`
    })
    out.result({ checks }, () => lines.join('\n'))
    return checks.some((check) => check.state === 'problem') ? 1 : 0
  },
})
