import { randomUUID } from 'node:crypto'
import { PlatformError } from '#errors/platform-error.ts'
import type { Run } from '#model/run.ts'
import type { ApiClient } from '../client/client.ts'
import type { Invocation, OptionSpec, OptionValue } from './command.ts'
import { exitOfRun, reportOf, runSummary, watchRun } from './watch-run.ts'

/** Options of every command that starts a run. */
export const actOptions: readonly OptionSpec[] = [
  { flag: '--dry-run', about: 'say what would happen; change nothing' },
  { flag: '--wait', about: 'follow the run until it ends' },
  { flag: '--timeout <time>', about: 'how long to wait, as 90s or 10m (default 10m)' },
]

/** A fresh key per invocation: a retried request inside it starts nothing twice. */
export function idempotencyHeader(): { 'idempotency-key': string } {
  return { 'idempotency-key': randomUUID() }
}

/** Reports a started run, following it first with --wait. `more` joins the run in the JSON answer. */
export async function followRun(
  { options, out }: Invocation,
  api: ApiClient,
  { run, more }: { run: Run; more?: (ended: Run) => Promise<Record<string, unknown>> },
): Promise<number> {
  if (options['wait'] !== true) {
    out.result(
      { run },
      () => `Started run ${run.id}. Follow it with: fairway run watch ${run.id}`,
      () => run.id,
    )
    return 0
  }
  out.note(`run ${run.id}`)
  const ended = await watchRun(api, out, { id: run.id, timeoutMs: timeoutOf(options['timeout']) })
  if (!ended) {
    out.problem(`the time is over, the run goes on: fairway run watch ${run.id}`)
    return 124
  }
  const report = out.isJson ? undefined : await reportOf(api, ended)
  out.result(
    { run: ended, ...(more && (await more(ended))) },
    () => runSummary(ended, out, report),
    () => ended.id,
  )
  return exitOfRun(ended)
}

export function timeoutOf(text: OptionValue | undefined): number {
  if (text === undefined) return 600_000
  const match = /^(\d+)(s|m|h)?$/.exec(String(text))
  if (!match) throw new PlatformError('USAGE', `--timeout takes a time as 90s or 10m, not ${String(text)}`)
  const unit = { s: 1_000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1_000
  return Number(match[1]) * unit
}

/** The sentences of a dry run. */
export function effectLines(effects: readonly { title: string; effect: string }[]): string {
  return effects
    .map((effect, index) => `${String(index + 1).padStart(3)}. ${effect.title.padEnd(28)} ${effect.effect}`)
    .join('\n')
}
