import type { SignedHead } from '#model/audit-chain.ts'
import { headLine, linkLine } from '#model/audit-lines.ts'
import { readLinks } from '#store/audit-chain.ts'
import type { Database } from '#store/database.ts'

export interface Fault {
  readonly position?: number | undefined
  readonly seq?: number | undefined
  readonly message: string
}

interface Program {
  verifyExport(
    read: () => Iterable<string>,
    own: { keys: readonly string[]; heads: readonly string[] },
  ): Promise<{ ok: boolean; problems: Fault[] }>
}

const program = (await import(new URL('../../../tools/audit-verify.mjs', import.meta.url).href)) as Program

/** The lines of an export; a record that is gone is passed over without a word, as a dishonest platform would. */
export async function exportLines(db: Database, { heads }: { heads: readonly SignedHead[] }): Promise<string[]> {
  const links = await readLinks(db, 0, 1_000_000)
  return [...links.flatMap(({ hash, link }) => (link ? [linkLine({ hash, link })] : [])), ...heads.map(headLine)]
}

/** What the auditor's program says, with keys and heads from Git. */
export async function verifyLines(
  lines: readonly string[],
  { heads, keys }: { heads: readonly SignedHead[]; keys: readonly string[] },
): Promise<readonly Fault[]> {
  const { ok, problems } = await program.verifyExport(() => lines, { keys, heads: heads.map(headLine) })
  if (ok !== (problems.length === 0)) throw new Error('the program contradicts itself')
  return problems
}
