import type { AuditRecord } from '#model/audit.ts'
import type { Run } from '#model/run.ts'
import { workflows } from '#workflows/all.ts'
import { dataOf } from '../../../src/client/client.ts'
import type { Asking } from './acts.ts'
import { type Entry, hints, readLedger } from './ledger.ts'
import type { Judged } from './one-kill.ts'

/**
 * I4: no effect without an intent written before it; each attempt has one intent with its number; each has one outcome, but
 * for those that were cut off, and the last one says ok.
 */
export async function faultsInAudit(
  { platform, auditor }: Asking,
  { act, run, ended, cut }: Judged,
): Promise<string[]> {
  const query = { run, limit: 200 }
  const { items } = (await dataOf(auditor.GET('/api/v1/audit', { params: { query } }))) as { items: AuditRecord[] }
  const effects = readLedger(platform.data).filter((entry) => entry.run === run && !hints.includes(entry.call))
  const external = workflows.find(({ name }) => name === act.workflow)?.steps.filter((step) => step.external) ?? []
  const names = external.map((step) => step.name)
  const unannounced = effects.filter(({ step }) => !names.includes(step ?? ''))
  const requests = items.filter(({ phase }) => phase === 'act')
  return [
    ...unannounced.map(({ call, step }) => `${call} is an effect of step ${step}, which announces none`),
    ...(requests.length === 1 ? [] : [`${requests.length} records that the run was asked for, not 1`]),
    ...names.flatMap((name) =>
      faultsOfStep(name, {
        records: items.filter(({ action }) => action === `run.${name}`).toReversed(),
        effects: effects.filter(({ step }) => step === name),
        attempts: ended.steps.find((step) => step.name === name)?.attempt ?? 0,
        // A checkpoint lies behind the outcome.
        cuts: cut === 'anywhere' ? Infinity : cut?.step === name && cut.moment !== 'after-checkpoint' ? 1 : 0,
      }),
    ),
  ]
}

interface StepFacts {
  readonly records: readonly AuditRecord[]
  readonly effects: readonly Entry[]
  readonly attempts: Run['steps'][number]['attempt']
  /** How many attempts may have been cut off: before their outcome, or between it and the engine's note of it. */
  readonly cuts: number
}

function faultsOfStep(name: string, { records, effects, attempts, cuts }: StepFacts): string[] {
  const intents = records.filter(({ phase }) => phase === 'intent')
  const outcomes = records.filter(({ phase }) => phase === 'outcome')
  const numbers = (list: readonly AuditRecord[]) => list.map(({ detail }) => Number(detail['attempt']))
  const open = numbers(intents).filter((attempt) => !numbers(outcomes).includes(attempt))
  const faults: string[] = []
  const says = (fault: string) => faults.push(`${name}: ${fault}`)
  if (numbers(intents).join() !== Array.from({ length: attempts }, (_, index) => index + 1).join())
    says(`intents of attempts ${numbers(intents).join()}, not of 1 to ${attempts}`)
  if (new Set(numbers(outcomes)).size !== outcomes.length) says('two outcomes of one attempt')
  const results = outcomes.map(({ result }) => result).join()
  if (results !== 'ok' && (cuts <= 1 || !results.endsWith('ok'))) says(`outcomes ${results || 'none'}, not one ok`)
  if (open.length > cuts) says(`attempts ${open.join()} have no outcome, and nobody cut them off`)
  for (const { call, at } of effects) {
    const earlier = intents.filter((intent) => Date.parse(intent.at) <= at).length
    if (earlier === 0) says(`${call} came before any intent`)
  }
  return faults
}
