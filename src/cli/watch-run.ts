import { setTimeout as pause } from 'node:timers/promises'
import { catalogue, type ErrorCode } from '#errors/catalogue.ts'
import type { Run, RunActs, RunDetail } from '#model/run.ts'
import { terminalStates } from '#model/run-states.ts'
import { type ApiClient, dataOf } from '../client/client.ts'
import type { Output } from './output.ts'

export interface WatchOptions {
  readonly timeoutMs: number
}

/**
 * Follows a run until it ends or waits for a person, telling each step once on stderr. Undefined when the time is over.
 * Ctrl-C ends the watching, not the run: the process ends with 130 and says how to go on.
 */
export async function watchRun(
  api: ApiClient,
  out: Output,
  { id, timeoutMs }: { id: string } & WatchOptions,
): Promise<RunDetail | undefined> {
  const told = new Map<string, string>()
  const end = performance.now() + timeoutMs
  const detach = () => {
    out.note(`\nstopped watching; the run goes on: fairway run watch ${id}`)
    process.exit(130)
  }
  process.once('SIGINT', detach)
  try {
    return await follow()
  } finally {
    process.off('SIGINT', detach)
  }

  async function follow(): Promise<RunDetail | undefined> {
    for (;;) {
      const run = (await dataOf(api.GET('/api/v1/runs/{id}', { params: { path: { id } } }))) as RunDetail
      for (const step of run.steps) tellStep(out, told, step)
      if (terminalStates.includes(run.state) || run.state === 'waiting') return run
      if (performance.now() > end) return undefined
      await pause(300)
    }
  }
}

/** The exit code that a run's end means (portal-and-cli.md section 5). */
export function exitOfRun(run: Run | undefined): number {
  if (!run) return 124
  if (run.state === 'succeeded') return 0
  if (run.state === 'waiting') return 3
  const code = run.error?.code as ErrorCode | undefined
  return code && code in catalogue ? catalogue[code].exit : 1
}

/** Why a run failed, as the portal says it; undefined for one that did not. */
export async function reportOf(api: ApiClient, run: Run): Promise<string | undefined> {
  if (run.state !== 'failed') return undefined
  const params = { path: { id: run.id } }
  const { explanation } = await dataOf(api.GET('/api/v1/runs/{id}/explanation', { params }))
  return explanation?.report
}

/** How a run ended, in words for a person, with the next line to type; with a report it says why. */
export function runSummary(run: RunDetail, out: Output, report?: string): string {
  const seconds = run.finishedAt
    ? ` in ${((Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000).toFixed(1)} s`
    : ''
  const lines = [`${out.bold(run.workflow)} ${run.id}: ${out.state(run.state)}${seconds}`]
  if (report !== undefined) return [...lines, '', report].join('\n')
  if (run.error)
    lines.push(out.red(`${run.error.code}: ${run.error.detail}`), ...(run.error.hint ? [`  ${run.error.hint}`] : []))
  const { url, change, version } = (run.result ?? {}) as { url?: string; change?: string; version?: string }
  if (version) lines.push(`  release  ${version}`)
  if (change) lines.push(`  change   ${change}`)
  if (url) lines.push(`  url      ${url}`)
  if (run.state === 'waiting')
    lines.push(`  waits for ${run.waitingFor}`, `  next: fairway change approve ${change} --as NAME`)
  if (run.state === 'failed') lines.push(...nextLine(run, ['retry', 'undo']))
  if (run.state === 'cancelled') lines.push(...nextLine(run, ['undo']))
  return lines.join('\n')
}

/** Of acts that make sense now, those that the person may do; whom to ask where there are none. */
function nextLine({ id, acts }: RunDetail, wanted: readonly (keyof RunActs)[]): string[] {
  const lines = {
    retry: `fairway run retry ${id}`,
    undo: `fairway run undo ${id} --dry-run`,
    cancel: `fairway run cancel ${id}`,
  }
  const may = wanted.filter((act) => acts[act].can)
  if (may.length > 0) return [`  next: ${may.map((act) => lines[act]).join(', or: ')}`]
  const [first] = wanted
  return first && acts[first].reason ? [`  to ${first} it, ${acts[first].reason}`] : []
}

function tellStep(out: Output, told: Map<string, string>, step: Run['steps'][number]): void {
  const key = `${step.state}:${step.attempt}`
  if (told.get(step.name) === key || step.state === 'pending') return
  told.set(step.name, key)
  const time =
    step.startedAt && step.finishedAt
      ? out.dim(` ${((Date.parse(step.finishedAt) - Date.parse(step.startedAt)) / 1000).toFixed(1)} s`)
      : ''
  if (step.state === 'running') out.note(`  … ${step.title}`)
  else if (step.state === 'succeeded') out.note(`${out.green('  ✓')} ${step.effect ?? step.title}${time}`)
  else out.note(`${out.red('  ✗')} ${step.title}: ${step.error?.detail ?? step.state}${time}`)
}
