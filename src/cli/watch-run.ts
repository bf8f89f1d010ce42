import { setTimeout as pause } from 'node:timers/promises'
import { catalogue, type ErrorCode } from '#errors/catalogue.ts'
import type { Run } from '#model/run.ts'
import { runCan, terminalStates } from '#model/run-states.ts'
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
): Promise<Run | undefined> {
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

  async function follow(): Promise<Run | undefined> {
    for (;;) {
      const run = (await dataOf(api.GET('/api/v1/runs/{id}', { params: { path: { id } } }))) as Run
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
export function runSummary(run: Run, out: Output, report?: string): string {
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
  if (run.state === 'failed')
    lines.push(
      `  next: fairway run retry ${run.id}${runCan.undo(run) ? `, or: fairway run undo ${run.id} --dry-run` : ''}`,
    )
  if (run.state === 'cancelled') lines.push(`  take back what it made: fairway run undo ${run.id} --dry-run`)
  return lines.join('\n')
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
