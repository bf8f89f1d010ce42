import { PlatformError } from '#errors/platform-error.ts'
import { checkRef, isObjectId } from './check-names.ts'
import { resolve } from './commits.ts'
import { checkRemoteUrl } from './remote-url.ts'
import { type GitCall, type GitRepository, lastLines, runGit } from './run-git.ts'

export interface RemoteAccess {
  readonly url: string
  readonly username: string
  readonly password: string
  /** Only an adapter that serves Git on this machine sets it: plain http to a literal loopback address is then allowed. */
  readonly loopback?: boolean
}

export interface FetchRef {
  /** A full ref of the remote, where a last part `*` stands for all, or a commit id. */
  readonly from: string
  readonly to: string
}

/**
 * Brings refs of a remote here; what the remote says replaces the older value. Gives what each `to` holds now, and
 * undefined for one the remote does not have.
 */
export async function fetchRefs(
  repo: GitRepository,
  remote: RemoteAccess,
  refs: readonly FetchRef[],
): Promise<(string | undefined)[]> {
  const missing = new Set<string>()
  for (;;) {
    const wanted = refs.filter(({ from }) => !missing.has(from))
    const absent = wanted.length === 0 ? undefined : await fetchOnce(repo, remote, wanted)
    if (absent === undefined || missing.has(absent)) break
    missing.add(absent)
  }
  return Promise.all(
    refs.map(async ({ from, to }) =>
      missing.has(from) || to.endsWith('/*') ? undefined : resolve(repo, checkRef(to)),
    ),
  )
}

/** Fetches all, or names one ref that the remote does not have. */
async function fetchOnce(
  repo: GitRepository,
  remote: RemoteAccess,
  refs: readonly FetchRef[],
): Promise<string | undefined> {
  const refspecs = refs.map(({ from, to }) => `+${pattern(from)}:${pattern(to)}`)
  const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--recurse-submodules=no']
  const result = await runGit(repo, ['fetch', ...flags, '--end-of-options', checkRemoteUrl(remote), ...refspecs], {
    ...access(remote),
    accept: [1, 128],
  })
  if (result.code === 0) return undefined
  const absent = /couldn't find remote ref (\S+)/.exec(result.stderr)?.[1]
  if (absent !== undefined) return absent
  throw remoteFailed('fetch', remote, result.stderr)
}

export interface PushRef {
  /** The commit (or other object, or local ref) to send; undefined deletes the ref there. */
  readonly commit: string | undefined
  readonly to: string
  /** The value the remote must still have, `absent` for none. Left out: a plain push, fast-forward only. */
  readonly expect?: string
}

/** Sends refs, all or none. Repeating a push whose answer was lost is a no-op. */
export async function pushRefs(repo: GitRepository, remote: RemoteAccess, refs: readonly PushRef[]): Promise<void> {
  const leases = refs
    .filter((ref) => ref.expect !== undefined)
    .map(({ to, expect }) => `--force-with-lease=${checkRef(to)}:${lease(expect)}`)
  const refspecs = refs.map(({ commit, to }) => `${commit === undefined ? '' : object(commit)}:${checkRef(to)}`)
  const flags = ['--porcelain', '--quiet', '--no-verify', '--no-signed', '--recurse-submodules=no']
  if (refs.length > 1) flags.push('--atomic')
  const args = ['push', ...flags, ...leases, '--end-of-options', checkRemoteUrl(remote), ...refspecs]
  const result = await runGit(repo, args, { ...access(remote), accept: [1, 128] })
  if (result.code === 0) return
  const failed = remoteFailed('push', remote, `${result.stdout.toString('utf8')}\n${result.stderr}`)
  // An answer was lost and Git's own HTTP client sent the push again: the refs are where this push wanted them.
  if (failed.code === 'CONFLICT' && (await areThere(repo, remote, refs))) return
  throw failed
}

async function areThere(repo: GitRepository, remote: RemoteAccess, refs: readonly PushRef[]): Promise<boolean> {
  const there = await remoteRefs(
    repo,
    remote,
    refs.map(({ to }) => to),
  )
  const wanted = await Promise.all(
    refs.map(async ({ commit }) => (commit === undefined ? undefined : resolve(repo, object(commit)))),
  )
  return refs.every(({ to }, index) => there.get(to) === wanted[index])
}

/** What the remote's refs are now, asked over the wire. */
export async function remoteRefs(
  repo: GitRepository,
  remote: RemoteAccess,
  refs: readonly string[],
): Promise<Map<string, string>> {
  const args = ['ls-remote', '--quiet', '--end-of-options', checkRemoteUrl(remote), ...refs.map(checkRef)]
  const result = await runGit(repo, args, { ...access(remote), accept: [1, 128] })
  if (result.code !== 0) throw remoteFailed('ls-remote', remote, result.stderr)
  const rows = result.stdout.toString('utf8').split('\n').filter(Boolean)
  return new Map(rows.map((row) => row.split('\t')).map(([id = '', ref = '']) => [ref, id] as const))
}

/** The credential is a header for this exact address only, handed over in the child's own environment. */
function access(remote: RemoteAccess): Pick<GitCall, 'config' | 'env' | 'timeoutMs'> {
  const basic = Buffer.from(`${remote.username}:${remote.password}`).toString('base64')
  return {
    timeoutMs: 120_000,
    config: [
      [`http.${remote.url}.extraHeader`, `Authorization: Basic ${basic}`],
      ['http.lowSpeedLimit', '1000'],
      ['http.lowSpeedTime', '30'],
    ],
    env: remote.loopback
      ? { GIT_ALLOW_PROTOCOL: 'http', NO_PROXY: '*', no_proxy: '*' }
      : { GIT_ALLOW_PROTOCOL: 'https', ...proxySettings() },
  }
}

function proxySettings(): Record<string, string> {
  const names = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy', 'SSL_CERT_FILE', 'SSL_CERT_DIR']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}

function remoteFailed(command: string, remote: RemoteAccess, output: string): PlatformError {
  const said = masked(output, remote)
  const words = lastLines(said)
  const host = new URL(remote.url).host
  const refused = /PUSH_REFUSED: (.*)/.exec(said)?.[1]
  if (refused) return new PlatformError('PUSH_REFUSED', refused.trim())
  if (
    /non-fast-forward|fetch first|stale info|failed to update ref|cannot lock ref|atomic transaction failed/.test(said)
  )
    return new PlatformError('CONFLICT', `The branch moved meanwhile: ${words}`, {
      hint: 'fetch, apply again and repeat',
    })
  if (/remote rejected|hook declined/.test(said)) return new PlatformError('PUSH_REFUSED', words)
  if (/Authentication failed|could not read (User|Pass)|returned error: 40[13]/.test(said))
    return new PlatformError('GIT_HOST_UNAUTHORIZED', `${host} refused the credential: ${words}`)
  if (
    /Could not resolve|Failed to connect|Couldn't connect|onnection (refused|reset|timed)|timed out|Operation too slow|Empty reply|returned error: (5\d\d|429)|hung up|early EOF|SSL/i.test(
      said,
    )
  )
    return new PlatformError('GIT_HOST_UNAVAILABLE', `${host} could not be reached: ${words}`)
  if (/repository '.*' not found|returned error: 404/.test(said))
    return new PlatformError('REPOSITORY_UNKNOWN', `${host} has no such repository, or hides it.`)
  return new PlatformError('GIT_FAILED', `git ${command} failed: ${words}`)
}

function masked(text: string, remote: RemoteAccess): string {
  const basic = Buffer.from(`${remote.username}:${remote.password}`).toString('base64')
  const secrets = [remote.password, encodeURIComponent(remote.password), basic].filter((secret) => secret.length > 3)
  const hidden = secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text)
  return hidden.replace(/\/\/[^/@\s]+@/g, '//***@')
}

function pattern(ref: string): string {
  if (isObjectId(ref)) return ref
  return ref.endsWith('/*') ? `${checkRef(ref.slice(0, -2))}/*` : checkRef(ref)
}

function object(source: string): string {
  return isObjectId(source) ? source : checkRef(source)
}

function lease(expected: string | undefined): string {
  if (expected === 'absent') return ''
  if (expected !== undefined && isObjectId(expected)) return expected
  throw new PlatformError('GIT_REF_INVALID', `${JSON.stringify(expected)} is not a commit id.`)
}
