import { writeFile } from 'node:fs/promises'
import { catalogue, type ErrorKind } from '../../src/errors/catalogue.ts'

const groups = {
  caller: 'You act: the request or the state it meets has to change',
  operator: 'The operator acts: something the platform needs is missing, broken or busy',
  us: 'We act: report it',
} as const satisfies Record<ErrorKind['acts'], string>

/** docs/reference/errors.md from the catalogue, grouped by who must act. */
export function errorsPage(): string {
  const entries = Object.entries(catalogue) as [string, ErrorKind][]
  const sections = Object.entries(groups).map(([acts, title]) => {
    const kinds = entries.filter(([, kind]) => kind.acts === acts).sort(([a], [b]) => (a < b ? -1 : 1))
    return [`## ${title}`, ...kinds.map(([code, kind]) => entry(code, kind))].join('\n\n')
  })
  const intro =
    'Written by `npm run generate` from `src/errors/catalogue.ts`. Codes never change once released: match on them, never on the words. `exit` is the exit code of `./fairway`.'
  return `# Errors\n\n${intro}\n\n${sections.join('\n\n')}\n`
}

function entry(code: string, { about, status, exit, retryable }: ErrorKind): string {
  const again = retryable ? 'repeating may help' : 'repeating does not help'
  return `### ${code}\n\n${about}\n\nHTTP ${status} · exit ${exit} · ${again}`
}

if (import.meta.main) await writeFile(new URL('../../docs/reference/errors.md', import.meta.url), errorsPage())
