import { createHash } from 'node:crypto'
import { PlatformError } from '#errors/platform-error.ts'
import { readBlobs } from '#lib/git/blobs.ts'
import { log } from '#lib/git/commits.ts'
import { fetchRefs } from '#lib/git/remote.ts'
import { openWorkRepository } from '#lib/git/repository.ts'
import { type GitRepository, gitText } from '#lib/git/run-git.ts'
import { listTree, type TreeEntry } from '#lib/git/trees.ts'
import { Name } from '#model/names.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import type { AgentSource } from '../source.ts'
import { readFolder } from './read-folder.ts'
import type { Desired } from './workload-spec.ts'

/** The delivery repository as of its newest commit. */
export interface DesiredState {
  readonly head: string
  /** Key: `<environment>/<service>`. */
  readonly places: ReadonlyMap<string, Desired>
}

export interface DeliveryMirror {
  /** Fetches and reads. Throws when Git cannot be asked; what was read before stays true until then. */
  read(source: AgentSource): Promise<DesiredState>
}

interface Known {
  readonly fingerprint: string
  readonly desired: Desired
}

const mirrored = 'refs/fairway/delivery'

/** A bare copy of the delivery repository in `folder`. Folders that did not change are not read again. */
export function deliveryMirror(folder: string): DeliveryMirror {
  let known = new Map<string, Known>()
  let state: DesiredState | undefined
  return {
    async read(source) {
      const repo = await openWorkRepository(folder)
      const remote = { ...source.remote, loopback: source.remote.url.startsWith('http://') }
      const [head] = await fetchRefs(repo, remote, [{ from: `refs/heads/${source.branch}`, to: mirrored }])
      if (!head) throw new PlatformError('GIT_FAILED', `the delivery repository has no branch ${source.branch}`)
      if (head === state?.head) return state
      const entries = folders(await listTree(repo, head, 'envs'))
      const touched = state ? await touchedSince(repo, { head, from: state.head }) : new Map<string, string>()
      const next = new Map<string, Known>()
      for (const [key, files] of entries)
        next.set(key, await readPlace(repo, { key, files, head, touched, known: known.get(key) }))
      known = next
      state = { head, places: new Map([...next].map(([key, { desired }]) => [key, desired])) }
      return state
    },
  }
}

interface PlaceRequest {
  readonly key: string
  readonly files: readonly TreeEntry[]
  readonly head: string
  readonly touched: ReadonlyMap<string, string>
  readonly known: Known | undefined
}

async function readPlace(repo: GitRepository, { key, files, head, touched, known }: PlaceRequest): Promise<Known> {
  const [environment = '', service = ''] = key.split('/')
  const path = deliveryPlace(service, environment)
  const fingerprint = createHash('sha256')
    .update(files.map(({ path: file, id }) => `${file}\0${id}`).join('\n'))
    .digest('hex')
  const same = known?.fingerprint === fingerprint
  const newest = touched.get(key) ?? (same ? known.desired.commit : await newestOf(repo, head, path))
  if (same && newest === known.desired.commit) return known
  const contents = await readBlobs(
    repo,
    files.map(({ id }) => id),
  )
  const texts = files.map(
    (file, index) => [file.path.slice(path.length + 1), contents[index]?.toString('utf8') ?? ''] as const,
  )
  return { fingerprint, desired: readFolder({ service, environment, commit: newest, files: new Map(texts) }) }
}

/** Regular files by place; what is not `envs/<environment>/<service>/…` of valid names does not exist for the agent. */
function folders(entries: readonly TreeEntry[]): Map<string, TreeEntry[]> {
  const found = new Map<string, TreeEntry[]>()
  for (const entry of entries) {
    const key = placeOf(entry.path)
    if (key === undefined || !entry.mode.startsWith('100')) continue
    found.set(key, [...(found.get(key) ?? []), entry])
  }
  return found
}

function placeOf(path: string): string | undefined {
  const [top, environment, service, ...rest] = path.split('/')
  if (top !== 'envs' || rest.length === 0) return undefined
  return [environment, service].every((name) => Name.safeParse(name).success) ? `${environment}/${service}` : undefined
}

async function newestOf(repo: GitRepository, head: string, path: string): Promise<string> {
  const [newest] = await log(repo, { ref: head, path, limit: 1, firstParent: true })
  return newest?.commit ?? head
}

/** The newest commit per place among those that came since: also a place that was changed and changed back got a new one. */
async function touchedSince(
  repo: GitRepository,
  { head, from }: { head: string; from: string },
): Promise<Map<string, string>> {
  const format = [
    'log',
    '--first-parent',
    '--diff-merges=first-parent',
    '--no-renames',
    '--name-only',
    '--format=%x01%H',
  ]
  const text = await gitText(repo, [...format, '-z', '--end-of-options', `${from}..${head}`, '--', 'envs'])
  const touched = new Map<string, string>()
  for (const part of text.split('\u0001').slice(1)) {
    const commit = part.slice(0, 40)
    for (const path of part.slice(40).split(/[\0\n]+/)) {
      const key = placeOf(path)
      if (key !== undefined && !touched.has(key)) touched.set(key, commit)
    }
  }
  return touched
}
