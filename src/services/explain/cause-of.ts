import type { FailureKind } from '#model/explanation.ts'
import type { Problem } from '#model/problem.ts'

export interface Failed {
  readonly service: string
  readonly environment: string
  /** Name and title of the step that failed. */
  readonly step: { readonly name: string; readonly title: string }
  readonly problem: Pick<Problem, 'code' | 'detail' | 'facts'>
  /** The release's commit, shortened. */
  readonly commit: string | undefined
}

export interface Cause {
  readonly kind: FailureKind
  readonly sentence: string
}

/** The cause in one sentence that names what to look at: the port, the path, the test, the secret, the rule. */
export function causeOf(failed: Failed): Cause {
  const { code, detail } = failed.problem
  if (/\bENOSPC\b|\bEDQUOT\b|no space left/i.test(detail) || code === 'DISK_FULL') return disk(failed)
  if (code === 'SECRET_MISSING') return { kind: 'secret', sentence: sentence(detail) }
  if (code === 'SCORE_INVALID') return score(failed)
  if (code === 'PIPELINE_FAILED') return pipeline(failed)
  if (code === 'POLICY_DENIED') return rule(failed)
  if (/^(IMAGE|PROVENANCE|SBOM)_/.test(code)) return { kind: 'image', sentence: `The image is refused: ${detail}.` }
  if (code === 'ROLLOUT_FAILED') return rollout(failed)
  if (code === 'ROLLOUT_TIMEOUT')
    return { kind: 'silent-runtime', sentence: `Nobody knows how the rollout ended: ${detail}.` }
  if (isOfArtefacts(failed)) return artefacts(failed)
  return { kind: 'other', sentence: `${failed.step.title} failed: ${bare(failed)}.` }
}

function disk(failed: Failed): Cause {
  const where = failed.problem.code === 'ROLLOUT_FAILED' ? `of the runtime in ${failed.environment}` : 'of the platform'
  const what = `“${failed.step.title}” could not write`
  return { kind: 'disk', sentence: `No space is left on the disk ${where}: ${what}.` }
}

function score({ problem, commit }: Failed): Cause {
  const words = problem.detail.replace(/^score\.yaml[:,]? ?/, '').replace(/\.$/, '')
  return { kind: 'score', sentence: `score.yaml${commit ? ` of ${commit}` : ''} is not valid: ${words}.` }
}

function pipeline({ problem, service }: Failed): Cause {
  const step = typeof problem.facts?.['step'] === 'string' ? problem.facts['step'] : undefined
  const words = problem.detail.replace(/^step `[^`]*` failed: /, '').replace(/\.$/, '')
  const tail = tailOf(problem)
  const test = failingTest(tail)
  const isTest = step !== undefined && /test/.test(step)
  if (isTest && test)
    return {
      kind: 'test',
      sentence: `The test “${test}” of ${service} fails (pipeline step “${step}”): ${assertion(tail) ?? words}.`,
    }
  return {
    kind: isTest ? 'test' : 'pipeline',
    sentence: `The pipeline's step “${step ?? 'unknown'}” of ${service} fails: ${words}.`,
  }
}

/** The last lines that the failing step said. */
export function tailOf({ facts }: Pick<Problem, 'facts'>): string[] {
  const tail = facts?.['tail']
  return Array.isArray(tail) ? tail.filter((line) => typeof line === 'string') : []
}

/** What the test wanted and got: the error's line, and the values when they stand below it. */
function assertion(lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => /^\s*(?:\w*Error\b|error:)/.test(line))
  const line = lines[at]?.trim().replace(/^error: /, '')
  if (line === undefined) return undefined
  const values = line.endsWith(':') ? lines.slice(at + 1).find((one) => one.trim() !== '') : undefined
  return [line, values?.trim()].filter(Boolean).join(' ').replace(/[:.]$/, '').slice(0, 300)
}

// Node's own reporters, TAP, and what Jest and Vitest print.
function failingTest(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const found = /^\s*(?:✖|×|●|not ok \d+ -)\s+(.+?)(?:\s+\([\d.]+\s?ms\))?\s*$/.exec(line)?.[1]
    if (found && !/^(failing tests|.*\.(test|spec)\.\w+)/.test(found)) return found
  }
  return undefined
}

function rule({ problem, environment }: Failed): Cause {
  const findings = Array.isArray(problem.facts?.['findings']) ? problem.facts['findings'] : []
  const [first] = findings as { policy?: string; message?: string }[]
  const text = first?.message ?? problem.detail
  const kind = /image/.test(first?.policy ?? '') ? 'image' : 'rule'
  const what = kind === 'image' ? 'the image' : 'it'
  return {
    kind,
    sentence: `The rule ${first?.policy ?? 'in force'} denies ${what} in ${environment}: ${text.replace(/\.$/, '')}.`,
  }
}

function rollout({ service, environment, problem: { detail } }: Failed): Cause {
  const never = `${service} never became ready in ${environment}`
  const words = detail.replace(/\.$/, '')
  const memory = /out of memory(?:: (.*))?|OOMKilled/i.exec(detail)
  if (memory)
    return {
      kind: 'memory',
      sentence: `${service} runs out of memory in ${environment} and is ended${memory[1] ? `: ${memory[1]}` : ''}.`,
    }
  const refused = /((?:GET \S+ on )?port (\d+)) refused the connection/.exec(detail)
  if (refused)
    return {
      kind: 'wrong-port',
      sentence: `${never}: nothing listens on port ${refused[2]}, which ${asked(refused[1])}.`,
    }
  const dialled = /:(\d+)\S*: connect: connection refused/.exec(detail)
  if (dialled)
    return { kind: 'wrong-port', sentence: `${never}: nothing listens on port ${dialled[1]}, which its probe asks.` }
  const answered = /(GET (\S+) on port \d+) answered (\d+)/.exec(detail)
  if (answered)
    return { kind: 'probe', sentence: `${never}: its probe ${answered[1]} is answered with ${status(answered[3])}.` }
  if (/probe failed|did not answer within/i.test(detail)) return { kind: 'probe', sentence: `${never}: ${words}.` }
  const ended = /ended (\d+) times before it was ready; the last time (.*)$/.exec(words)
  if (ended)
    return {
      kind: 'crash',
      sentence: `${service} crashes at its start in ${environment}, ${ended[1]} times in a row: ${ended[2]}.`,
    }
  if (/CrashLoopBackOff|\bexit(?:ed)?\b.*\bcode\b|it ended/.test(detail))
    return { kind: 'crash', sentence: `${service} crashes at its start in ${environment}: ${words}.` }
  if (/image|signature|digest|admission webhook/i.test(detail))
    return { kind: 'image', sentence: `${service} is not started in ${environment}: ${words}.` }
  return { kind: 'other', sentence: `${never}: ${words}.` }
}

function asked(what: string | undefined): string {
  return what?.startsWith('GET') ? `its probe ${what.replace(/ on port \d+$/, '')} asks` : 'its probe asks'
}

function status(code: string | undefined): string {
  return code === '404' ? '404: the path does not exist' : (code ?? 'an error')
}

function isOfArtefacts({ step, problem }: Failed): boolean {
  if (problem.code.startsWith('ARTIFACT_')) return true
  return ['publish', 'attest-image', 'verify-image'].includes(step.name) && /^(PRODUCT_|STEP_FAILED)/.test(problem.code)
}

function artefacts(failed: Failed): Cause {
  return {
    kind: 'artefacts',
    sentence: `The artefact store cannot be used: “${failed.step.title}” got ${bare(failed)}.`,
  }
}

/** What was said, without the words that every foreseen step failure begins with, and without a path of the machine. */
function bare({ problem }: Failed): string {
  return problem.detail
    .replace(/^step [a-z-]+ failed: /, '')
    .replace(/,? ?(?:open|write|mkdir|rename|stat|lstat|scandir)? '\/[^']*'(?: -> '\/[^']*')?/g, '')
    .replace(/\.$/, '')
}

function sentence(text: string): string {
  return `${text.replace(/\.$/, '')}.`
}
