import { catalogue } from '#errors/catalogue.ts'
import { codeOf } from '#errors/platform-error.ts'
import { safeJson, safeText } from './safe-text.ts'

interface Told {
  readonly message: string
  readonly hint?: string
  readonly facts?: Readonly<Record<string, unknown>>
  readonly errors?: readonly { path: string; message: string }[]
}

interface Finding {
  readonly policy: string
  readonly message: string
  readonly at?: string
  readonly fix: string
}

/** Says an error on standard error, with --json on standard output too, and gives its exit code. */
export function tellError(error: unknown, { argv, env }: { argv: readonly string[]; env: NodeJS.ProcessEnv }): number {
  const code = codeOf(error)
  if (argv.some((word) => word === '--json' || word.startsWith('--json=')))
    process.stdout.write(`${safeJson({ error: asData(code, error as Told) })}\n`)
  process.stderr.write(safeText(inWords(code, error as Told), false))
  if (code === undefined && env.FAIRWAY_DEBUG) process.stderr.write(`${(error as Error).stack ?? ''}\n`)
  return code ? catalogue[code].exit : 1
}

function asData(code: string | undefined, { message, hint, facts, errors }: Told) {
  const requestId = requestOf(facts)
  return {
    code: code ?? 'INTERNAL',
    detail: message,
    ...(hint && { hint }),
    ...(errors && errors.length > 0 && { errors }),
    ...(requestId && { requestId }),
  }
}

function inWords(code: string | undefined, { message, hint, facts, errors = [] }: Told): string {
  const untold = errors.filter((field) => !message.includes(field.message)) // one that the sentence says already
  const findings = (facts?.['findings'] as readonly Finding[] | undefined) ?? []
  const requestId = requestOf(facts)
  const lines = [
    `${code ?? 'INTERNAL'}: ${message}`,
    ...untold.map((field) => `  ${field.path}: ${field.message}`),
    ...findings.flatMap((finding) => [
      `  ${finding.policy}: ${finding.message}${finding.at ? ` (${finding.at})` : ''}`,
      `    fix: ${finding.fix}`,
    ]),
    ...(hint ? [`  ${hint}`] : []),
    ...(requestId ? [`  request ${requestId}`] : []),
  ]
  return `${lines.join('\n')}\n`
}

function requestOf(facts: Told['facts']): string | undefined {
  return typeof facts?.['requestId'] === 'string' ? facts['requestId'] : undefined
}
