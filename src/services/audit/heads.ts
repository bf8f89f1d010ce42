import { z } from 'zod'
import { fetchRefs } from '#lib/git/remote.ts'
import { readTree } from '#lib/git/trees.ts'
import { auditBranch, auditRepo, SignedHead } from '#model/audit-chain.ts'
import type { GitHost } from '#ports/git-host.ts'
import type { Database } from '#store/database.ts'

/** What the audit log's keepers work with; a Platform has it. */
export interface AuditPlace {
  readonly db: Database
  readonly ports: { readonly gitHost: GitHost }
  /** Folder of the platform's own bare repository. */
  readonly objects: string
}

export interface KnownHeads {
  /** Commit of the branch; undefined while nothing was ever signed. */
  readonly commit: string | undefined
  readonly heads: readonly SignedHead[]
  /** Public keys as PEM. */
  readonly keys: readonly string[]
  /** Lines that are no heads, as "file, line". */
  readonly broken: readonly string[]
}

export const auditRef = `refs/heads/${auditBranch}`
const here = 'refs/fairway/audit'

/** Every head and key in the platform repository, oldest first. Days are files, so that no file grows for ever. */
export async function readHeads({ ports: { gitHost }, objects }: AuditPlace): Promise<KnownHeads> {
  const repo = { dir: objects }
  const [commit] = await fetchRefs(repo, await gitHost.remote(auditRepo), [{ from: auditRef, to: here }])
  if (!commit) return { commit, heads: [], keys: [], broken: [] }
  const files = await readTree(repo, commit, 'audit')
  const keys = files.filter(({ path }) => /^audit\/keys\/[0-9a-f]{64}\.pem$/.test(path)).map(({ content }) => content)
  const days = files.filter(({ path }) => /^audit\/heads\/[\d-]+\.jsonl$/.test(path))
  const lines = days.flatMap(({ path, content }) =>
    content
      .split('\n')
      .map((text, index) => ({ text, place: `${path}, line ${index + 1}` }))
      .filter(({ text }) => text !== ''),
  )
  const read = lines.map(({ text, place }) => ({ place, head: headIn(text) }))
  return {
    commit,
    keys,
    heads: read.flatMap(({ head }) => (head ? [head] : [])),
    broken: read.flatMap(({ head, place }) => (head ? [] : [place])),
  }
}

function headIn(text: string): SignedHead | undefined {
  try {
    return SignedHead.parse(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined
    throw error
  }
}
