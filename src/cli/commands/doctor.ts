import { dataOf } from '../../client/client.ts'
import { defineCommand, type Invocation, type LiveFinding } from '../command.ts'
import type { Output } from '../output.ts'

export const doctor = defineCommand({
  usage: 'doctor',
  summary: 'What is there, what is missing, and what that costs',
  options: [
    {
      flag: '--live',
      about: 'also try every adapter with the least permission it needs; asks the products, up to 10 s',
    },
  ],
  examples: ['fairway doctor', 'fairway doctor --json', 'fairway doctor --live --as platform'],
  fields: ['checks', 'live'],
  async run(invocation) {
    const { local, out, options } = invocation
    const checks = await local.doctor()
    const live = options['live'] === true ? await liveOf(invocation) : undefined
    out.result({ checks, ...(live && { live }) }, () =>
      [...checks.map((check) => line(out, check)), ...(live ? liveLines(out, live) : [])].join('\n'),
    )
    const isBad = checks.some(({ state }) => state === 'problem') || live?.some(({ state }) => state !== 'ok')
    return isBad ? 1 : 0
  },
})

/** The running platform tries its own adapters; without one only products can be tried, from here. */
async function liveOf({ api, local }: Invocation): Promise<readonly LiveFinding[]> {
  return (await local.live()) ?? (await dataOf((await api()).GET('/api/v1/doctor/live'))).items
}

interface Line {
  readonly check: string
  readonly state: string
  readonly found: string
  readonly costs?: string | undefined
  readonly hint?: string | undefined
}

function line(out: Output, { check, state, found, costs, hint }: Line): string {
  const more = [costs && `costs: ${costs}`, hint && `mend: ${hint}`]
    .filter(Boolean)
    .map((text) => `\n${' '.repeat(22)}${out.dim(String(text))}`)
  return `${out.state(state).padEnd(out.isTerminal ? 16 : 8)} ${check.padEnd(12)} ${found}${more.join('')}`
}

function liveLines(out: Output, live: readonly LiveFinding[]): string[] {
  if (live.length === 0)
    return ['', 'Live: fairway.yaml names no product, and embedded adapters start with the platform.']
  return ['', 'Live:', ...live.map((one) => line(out, { ...one, check: `${one.port} (${one.product}) ${one.check}:` }))]
}
