import { PlatformError } from '#errors/platform-error.ts'
import { commitTree } from '#lib/git/commits.ts'
import { pushRefs } from '#lib/git/remote.ts'
import { editTree, readTree, type TreeFile, treeOf, writeTree } from '#lib/git/trees.ts'
import type { SigningKey } from '#lib/signing-key.ts'
import { type AuditHead, auditRepo, type SignedHead } from '#model/audit-chain.ts'
import { canonical, headLine } from '#model/audit-lines.ts'
import { hashAt, lastLink } from '#store/audit-chain.ts'
import { platformAuthor } from '#workflows/deliver/author.ts'
import { type AuditPlace, auditRef, type KnownHeads, readHeads } from './heads.ts'

export interface HeadSigner {
  /** Signs where the chain stands and commits it to the platform repository; undefined when it stands where it stood. */
  sign(): Promise<SignedHead | undefined>
}

type Known = Pick<KnownHeads, 'commit' | 'keys'> & { readonly last: SignedHead | undefined }

/** Of two signers at once one lands; the other gets CONFLICT and looks again at its next turn. */
export function headSigner(place: AuditPlace, key: SigningKey): HeadSigner {
  let known: Known | undefined
  return {
    async sign() {
      const commit = await place.ports.gitHost.files.resolve(auditRepo, auditRef)
      if (!known || known.commit !== commit) known = await readKnown(place)
      const head = await nextHead(place, { last: known.last?.head, key })
      if (!head) return undefined
      const signed = { signature: key.sign(canonical({ ...head })), head }
      known = { commit: await commitHead(place, { signed, known, key }), keys: [...known.keys, key.pem], last: signed }
      return signed
    },
  }
}

async function readKnown(place: AuditPlace): Promise<Known> {
  const { commit, keys, heads } = await readHeads(place)
  return { commit, keys, last: heads.at(-1) }
}

/** A chain that is no longer the one signed before is never signed again: that would hide the break. */
async function nextHead(
  { db }: AuditPlace,
  { last, key }: { last: AuditHead | undefined; key: SigningKey },
): Promise<AuditHead | undefined> {
  if (last && (await hashAt(db, last.position)) !== last.hash)
    throw new PlatformError('AUDIT_BROKEN', `the chain at position ${last.position} is not the one that was signed`, {
      hint: 'fairway audit verify',
    })
  const link = await lastLink(db)
  if (!link || link.position === last?.position) return undefined
  const count = link.position - (last?.position ?? 0)
  return { ...link, at: new Date().toISOString(), count, key: key.fingerprint }
}

async function commitHead(
  { objects, ports: { gitHost } }: AuditPlace,
  { signed, known, key }: { signed: SignedHead; known: Known; key: SigningKey },
): Promise<string> {
  const repo = { dir: objects }
  const { head } = signed
  const baseTree = known.commit && (await treeOf(repo, known.commit))
  const day = `audit/heads/${head.at.slice(0, 10)}.jsonl`
  const before = known.commit ? await readTree(repo, known.commit, day) : []
  const files: TreeFile[] = [{ path: day, content: `${before[0]?.content ?? ''}${headLine(signed)}\n` }]
  if (!known.keys.includes(key.pem)) files.push({ path: `audit/keys/${key.fingerprint}.pem`, content: key.pem })
  if (!known.commit) files.push(readme)
  const commit = await commitTree(repo, {
    tree: baseTree ? await editTree(repo, { baseTree, write: files }) : await writeTree(repo, files),
    parents: known.commit ? [known.commit] : [],
    message: `Sign the audit log up to ${head.position}`,
    author: platformAuthor,
    at: head.at,
  })
  const to = { commit, to: auditRef, expect: known.commit ?? 'absent' }
  await pushRefs(repo, await gitHost.remote(auditRepo), [to])
  return commit
}

const readme = {
  path: 'audit/README.md',
  content: `# Signed heads of the audit log

Written by the platform only. A line of \`heads/\` says which SHA-256 the chain over the audit log had at a position, and is
signed with the Ed25519 key in \`keys/\` that it names. Who can write the database cannot change a record that a head
covers without this history telling; every clone of it is a witness. Check an export against it:

    git show BRANCH:audit/heads/DAY.jsonl > heads.jsonl
    node tools/audit-verify.mjs export.ndjson --key KEY.pem --heads heads.jsonl
`,
}
