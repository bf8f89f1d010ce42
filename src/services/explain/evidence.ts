import type { Evidence } from '#model/explanation.ts'
import type { Problem } from '#model/problem.ts'
import type { Run, RunStep } from '#model/run.ts'
import { readRunLog } from '#store/run.ts'
import type { Platform } from '#workflows/platform.ts'
import { tailOf } from './cause-of.ts'

interface Place {
  readonly service: string
  readonly environment: string
}

const most = 5

/** What shows the cause: fields, findings, the pipeline's words, the runtime's events and the workload's own lines. */
export async function evidenceOf(
  platform: Platform,
  { run, step, problem, place }: { run: Run; step: RunStep; problem: Problem; place: Place },
): Promise<Evidence[]> {
  const told = [...fields(problem), ...findings(problem), ...pipelineLines(problem)]
  if (step.name === 'watch-rollout') told.push(...(await runtimeWords(platform, { step, problem, place })))
  return told.length > 0 ? told : stepLines(platform, run, step)
}

function fields({ code, errors = [] }: Problem): Evidence[] {
  const file = code === 'SCORE_INVALID' ? 'score.yaml' : 'input'
  return errors.slice(0, most).map(({ path, message }) => ({
    kind: 'field',
    source: file,
    text: path ? `${path}: ${message}` : message,
  }))
}

function findings({ facts }: Problem): Evidence[] {
  const found = Array.isArray(facts?.['findings']) ? facts['findings'] : []
  return (found as { policy?: string; message?: string; at?: string; fix?: string }[])
    .slice(0, most)
    .map(({ policy = 'rule', message = '', at, fix }) => ({
      kind: 'rule',
      source: policy,
      text: [at ? `${at}: ${message}` : message, fix].filter(Boolean).join(' '),
    }))
}

function pipelineLines(problem: Problem): Evidence[] {
  const step = problem.facts?.['step']
  const lines = tailOf(problem).filter((line) => line.trim() !== '')
  return lines.slice(-2 * most).map((text) => ({
    kind: 'line',
    source: `pipeline step ${typeof step === 'string' ? step : ''}`.trim(),
    text,
  }))
}

async function runtimeWords(
  platform: Platform,
  { step, problem, place }: { step: RunStep; problem: Problem; place: Place },
): Promise<Evidence[]> {
  const since = step.startedAt ?? ''
  const until = step.finishedAt ?? '~'
  const within = ({ at }: { at: string }) => at >= since && at <= until
  const [events, lines] = await Promise.all([
    platform.ports.delivery.events(place, 100, AbortSignal.timeout(5_000)).catch(() => []),
    platform.ports.logs.query(place, { limit: 200, level: 'error' }).catch(() => []),
  ])
  const isProbe = /probe|GET \S+ on port|port \d+/.test(problem.detail)
  return [
    { kind: isProbe ? 'probe' : 'event', source: 'the runtime', text: problem.detail },
    ...events
      .filter((event) => event.level !== 'info' && within(event) && event.message !== problem.detail)
      .slice(0, 3)
      .map(({ reason, message, at }) => ({ kind: 'event' as const, source: reason, text: message, at })),
    ...lines
      .filter(within)
      .slice(-most)
      .map(({ text, at }) => ({ kind: 'line' as const, source: `log in ${place.environment}`, text, at })),
  ]
}

async function stepLines(platform: Platform, run: Run, step: RunStep): Promise<Evidence[]> {
  const lines = await readRunLog(platform.db, run.id, { after: 0, limit: 5_000, step: step.name })
  return lines.slice(-most).map(({ text, at }) => ({ kind: 'line', source: step.title, text, at }))
}
