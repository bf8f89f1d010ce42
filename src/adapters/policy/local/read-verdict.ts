import { z } from 'zod'
import { Finding, type Gate, type Policy } from '#model/verdict.ts'
import type { Answer } from './engine-thread.ts'

/** What an engine may say: one result with a boolean, complete findings and the rules that answered. */
const Result = z
  .tuple([
    z.strictObject({
      result: z.strictObject({
        allowed: z.boolean(),
        findings: z.array(Finding.strict().required({ at: true })),
        policies: z.array(z.string()),
      }),
    }),
  ])
  .transform(([{ result }]) => result)
export type Judgement = z.infer<typeof Result>

interface Place {
  readonly gate: Gate
  readonly environment: { readonly name?: string }
}

/** The rules that must answer at this gate and environment. */
export function applicable(policies: readonly Policy[], { gate, environment }: Place): string[] {
  return policies
    .filter(({ spec }) => spec.gates.includes(gate))
    .filter(({ spec }) => spec.environments.length === 0 || spec.environments.includes(environment.name ?? ''))
    .map(({ metadata }) => metadata.name)
    .toSorted()
}

/** Reads an engine's answer. Anything but a whole, consistent judgement by all expected rules is a denial. */
export function readVerdict(answer: Answer, expected: readonly string[]): Judgement {
  if ('none' in answer) return denied(answer.none, expected)
  const parsed = Result.safeParse(JSON.parse(answer.result))
  if (!parsed.success) return denied('The engine gave an answer that is no verdict.', expected)
  const { allowed, findings, policies } = parsed.data
  const silent = expected.filter((name) => !policies.includes(name))
  if (silent.length > 0) return denied(`No answer came from the rules ${silent.join(', ')}.`, expected)
  if (policies.length !== expected.length) return denied('Rules answered that do not belong to this gate.', expected)
  if (allowed !== findings.every(({ severity }) => severity === 'warn')) {
    return denied('The engine’s verdict contradicts its own findings.', expected)
  }
  return { allowed, policies: [...expected], findings: findings.toSorted(byPlace) }
}

function denied(message: string, policies: readonly string[]): Judgement {
  const finding = {
    policy: 'engine',
    severity: 'deny' as const,
    message,
    at: 'input',
    why: 'Nothing passes without a verdict.',
    fix: 'Ask again. If it stays so, the platform team looks at `fairway doctor` and at the rules changed last.',
  }
  return { allowed: false, findings: [finding], policies: [...policies] }
}

function byPlace(a: Finding, b: Finding): number {
  const [left, right] = [a, b].map(({ policy, at, message }) => JSON.stringify([policy, at, message]))
  return (left ?? '') < (right ?? '') ? -1 : 1
}
