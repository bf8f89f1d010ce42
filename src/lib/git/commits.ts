import { PlatformError } from '#errors/platform-error.ts'
import { checkFolder, checkRef, checkRevision, isObjectId } from './check-names.ts'
import type { CommitSigner } from './commit-signature.ts'
import { type GitRepository, gitText, runGit } from './run-git.ts'

export interface Signature {
  readonly name: string
  readonly email: string
}

/** Writes a commit object. The same input always gives the same id, so that a repeated step is a repeated no-op. */
export async function commitTree(
  repo: GitRepository,
  commit: {
    tree: string
    parents: readonly string[]
    message: string
    author: Signature
    committer?: Signature
    at: string | Date
    signer?: CommitSigner | undefined
  },
): Promise<string> {
  const ids = [commit.tree, ...commit.parents]
  const wrong = ids.find((id) => !isObjectId(id))
  if (wrong !== undefined) throw new PlatformError('GIT_REF_INVALID', `${JSON.stringify(wrong)} is not an object id.`)
  if (commit.message.includes('\0')) throw new PlatformError('GIT_REF_INVALID', 'A commit message has a NUL character.')
  const time = `${Math.floor(new Date(commit.at).getTime() / 1000)} +0000`
  const text = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${signature(commit.author)} ${time}`,
    `committer ${signature(commit.committer ?? commit.author)} ${time}`,
    '',
    `${commit.message.replace(/\n*$/, '')}\n`,
  ].join('\n')
  const input = commit.signer ? commit.signer.signed(text) : text
  return gitText(repo, ['hash-object', '-t', 'commit', '-w', '--stdin'], { input })
}

/** The commit a branch, full ref or id means, or undefined. */
export async function resolve(repo: GitRepository, revision: string): Promise<string | undefined> {
  const name = `${checkRevision(revision)}^{commit}`
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', name]
  const { code, stdout } = await runGit(repo, args, { accept: [1, 128] })
  return code === 0 ? stdout.toString().trim() : undefined
}

export interface RefUpdate {
  readonly ref: string
  /** Undefined deletes the ref. */
  readonly to: string | undefined
  /** The value it must have before, `absent` for none; left out: any. */
  readonly from?: string
}

/** Moves refs together, each only from its expected value; otherwise none moves and the answer is CONFLICT. */
export async function updateRefs(
  repo: GitRepository,
  updates: readonly RefUpdate[],
  reason = 'fairway',
): Promise<void> {
  const none = '0'.repeat(40)
  const lines = updates.map(({ ref, to, from }) => {
    const old = from === 'absent' ? none : from
    for (const id of [to, old]) if (id !== undefined && !isObjectId(id)) throw badObject(id)
    return `update ${checkRef(ref)}\0${to ?? none}\0${old ?? ''}\0`
  })
  const input = `start\0${lines.join('')}prepare\0commit\0`
  const result = await runGit(repo, ['update-ref', '--stdin', '-z', '-m', reason.replace(/\s+/g, ' ')], {
    input,
    accept: [1, 128],
  })
  if (result.code === 0) return
  if (/cannot lock ref|reference already exists|but expected|unable to resolve/.test(result.stderr))
    throw new PlatformError('CONFLICT', `The ref ${updates[0]?.ref} moved meanwhile.`, {
      hint: 'read it again and repeat',
    })
  throw new PlatformError('GIT_FAILED', `git update-ref failed: ${result.stderr.trim().slice(0, 300)}`)
}

export function updateRef(repo: GitRepository, update: RefUpdate, reason?: string): Promise<void> {
  return updateRefs(repo, [update], reason)
}

/** All refs below a prefix such as `refs/changes`, with what they point to. */
export async function listRefs(repo: GitRepository, prefix: string): Promise<Map<string, string>> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', checkRef(prefix.replace(/\/$/, ''))]
  const text = await gitText(repo, args)
  const rows = text.split('\n').filter(Boolean)
  return new Map(rows.map((row) => [row.slice(41), row.slice(0, 40)] as const))
}

export async function isAncestor(repo: GitRepository, older: string, newer: string): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', '--end-of-options', checkRevision(older), checkRevision(newer)]
  return (await runGit(repo, args, { accept: [1, 128] })).code === 0
}

export async function mergeBase(repo: GitRepository, one: string, other: string): Promise<string | undefined> {
  const args = ['merge-base', '--end-of-options', checkRevision(one), checkRevision(other)]
  const { code, stdout } = await runGit(repo, args, { accept: [1, 128] })
  return code === 0 ? stdout.toString().split('\n')[0] : undefined
}

export interface LoggedCommit {
  readonly commit: string
  readonly parents: readonly string[]
  readonly author: string
  readonly authorEmail: string
  readonly at: string
  readonly subject: string
  readonly body: string
  readonly trailers: readonly (readonly [key: string, value: string])[]
}

/** Newest first. `not` leaves out what is reachable from there; `since` leaves out what was committed before. */
export async function log(
  repo: GitRepository,
  query: { ref: string; path?: string; limit: number; since?: string; not?: string; firstParent?: boolean },
): Promise<LoggedCommit[]> {
  const args = ['log', '-z', `--format=${logFields.join('%x00')}`, `--max-count=${Math.trunc(query.limit)}`]
  if (query.since !== undefined) args.push(`--since-as-filter=${new Date(query.since).toISOString()}`)
  if (query.firstParent) args.push('--first-parent')
  args.push('--end-of-options', checkRevision(query.ref))
  if (query.not !== undefined) args.push(`^${checkRevision(query.not)}`)
  args.push('--')
  if (query.path) args.push(checkFolder(query.path))
  const { code, stdout, stderr } = await runGit(repo, args, { accept: [128] })
  if (code !== 0 && !/unknown revision|bad revision|bad object/.test(stderr))
    throw new PlatformError('GIT_FAILED', `git log failed: ${stderr.trim().slice(0, 300)}`)
  return code === 0 ? parseLog(stdout.toString('utf8')) : []
}

const logFields = ['%H', '%P', '%an', '%ae', '%cI', '%s', '%b', '%(trailers:only,unfold)']

function parseLog(text: string): LoggedCommit[] {
  const fields = text.split('\0')
  const commits: LoggedCommit[] = []
  for (let at = 0; at + logFields.length <= fields.length; at += logFields.length) {
    const [
      commit = '',
      parents = '',
      author = '',
      authorEmail = '',
      time = '',
      subject = '',
      body = '',
      trailers = '',
    ] = fields.slice(at, at + logFields.length)
    commits.push({
      commit,
      parents: parents.split(' ').filter(Boolean),
      author,
      authorEmail,
      at: new Date(time).toISOString(),
      subject,
      body: body.trimEnd(),
      trailers: parseTrailers(trailers),
    })
  }
  return commits
}

function parseTrailers(text: string): (readonly [string, string])[] {
  return text
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const)
}

/** Git ends a name at `<` and a line at a newline: both are taken out, as Git itself does. */
function signature({ name, email }: Signature): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this removes
  const clean = (text: string) => text.replace(/[\u0000-\u001f\u007f<>]/g, '').trim()
  return `${clean(name) || 'unknown'} <${clean(email)}>`
}

function badObject(id: string): PlatformError {
  return new PlatformError('GIT_REF_INVALID', `${JSON.stringify(id.slice(0, 80))} is not an object id.`)
}
