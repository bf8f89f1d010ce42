import { commandTable } from '../src/cli/command-table.ts'

/**
 * Throws when a command printed a field that its help does not list: every test that runs a command with --json shows
 * so that help says the truth.
 */
export async function requireKnownFields(argv: readonly string[], stdout: string): Promise<void> {
  if (!argv.some((word) => word === '--json' || word.startsWith('--json='))) return
  const entry = [argv.slice(0, 2).join(' '), argv[0]].flatMap((words) =>
    commandTable.filter((one) => one.words === words),
  )[0]
  if (!entry) return
  const { fields } = await entry.load()
  const printed = rowsOf(stdout).flatMap((row) => Object.keys(row))
  const unknown = new Set(printed.filter((field) => field !== 'error' && !fields.includes(field)))
  if (unknown.size > 0)
    throw new Error(`fairway ${entry.words} --json printed ${[...unknown].join(', ')}, which its help does not list`)
}

/** One object, rows, or an object a line. */
function rowsOf(stdout: string): readonly object[] {
  const parsed = stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): unknown => {
      try {
        return JSON.parse(line)
      } catch {
        return undefined
      }
    })
  return parsed.flat().filter((row): row is object => typeof row === 'object' && row !== null)
}
