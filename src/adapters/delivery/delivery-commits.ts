import { PlatformError } from '#errors/platform-error.ts'
import { deliveryRepo, Name } from '#model/names.ts'
import { ReleaseFile } from '#model/release.ts'
import { readYamlAs } from '#lib/yaml/read-yaml.ts'
import type { Place } from '#ports/delivery.ts'
import type { GitHost } from '#ports/git-host.ts'
import type { Applied } from './what-runs.ts'

/** What a controller says about revisions of the whole delivery repository, told by the commits of one folder. */
export interface DeliveryCommits {
  /** The newest commit of main that touches the folder; `undefined` when there is none or it removed the folder. */
  wanted(place: Place): Promise<WantedCommit | undefined>
  /** The newest commit up to `revision` that touches the folder. */
  at(place: Place, revision: string): Promise<string | undefined>
  release(place: Place, commit: string): Promise<ReleaseFile | undefined>
  /** The newest commits up to `revision` that touch the folder, newest first. */
  past(place: Place, revision: string, limit: number): Promise<readonly string[]>
  /** Every service that main has in an environment, with its owner. Asked anew each time. */
  services(environment: string): Promise<readonly { service: string; owner: string }[]>
  /** Manifests of the folder at a commit, by path. */
  files(place: Place, commit: string): Promise<ReadonlyMap<string, string>>
}

export interface WantedCommit {
  readonly commit: string
  /** When it was committed. */
  readonly at: string
}

/** Asks the Git host. What cannot change is remembered: a folder's commit at a revision, and what a commit holds. */
export function deliveryCommits(host: () => Pick<GitHost, 'files'>): DeliveryCommits {
  const remember = memory()
  return {
    async wanted(place) {
      const { files } = host()
      const [newest] = await files.history(deliveryRepo, { ref: 'main', path: folderOf(place), limit: 1 })
      if (!newest) return undefined
      const tree = await remember(`tree ${folderOf(place)} ${newest.commit}`, () =>
        files.tree(deliveryRepo, newest.commit, folderOf(place)),
      )
      return tree === undefined ? undefined : { commit: newest.commit, at: newest.at }
    },
    at: (place, revision) =>
      remember(`at ${folderOf(place)} ${revision}`, async () => {
        const query = { ref: revision, path: folderOf(place), limit: 1 }
        return (await host().files.history(deliveryRepo, query))[0]?.commit
      }),
    release: (place, commit) =>
      remember(`release ${folderOf(place)} ${commit}`, async () => {
        const text = await host().files.read(deliveryRepo, commit, `${folderOf(place)}/release.yaml`)
        if (text === undefined) return undefined
        return readYamlAs(text, ReleaseFile, { code: 'SETTINGS_INVALID', file: 'release.yaml' }).value
      }),
    past: async (place, revision, limit) =>
      (await remember(`past ${folderOf(place)} ${revision} ${limit}`, async () => {
        const found = await host().files.history(deliveryRepo, { ref: revision, path: folderOf(place), limit })
        return found.map(({ commit }) => commit)
      })) ?? [],
    async services(environment) {
      const { files } = host()
      const prefix = `${folderOf({ environment, service: 'any' }).slice(0, -'any'.length)}`
      const paths = (await files.list(deliveryRepo, 'main', prefix)).filter((path) =>
        /^[^/]+\/release\.yaml$/.test(path.slice(prefix.length)),
      )
      const found = await files.readAll(deliveryRepo, 'main', paths)
      return [...found].map(([path, text]) => {
        const { owner } = readYamlAs(text, ReleaseFile, { code: 'SETTINGS_INVALID', file: path }).value
        const service = path.slice(prefix.length, path.lastIndexOf('/'))
        folderOf({ environment, service })
        return { service, owner }
      })
    },
    async files(place, commit) {
      const paths = await host().files.list(deliveryRepo, commit, `${folderOf(place)}/`)
      return host().files.readAll(deliveryRepo, commit, paths)
    },
  }
}

/** The namespace that Git gives a place: its owner's. */
export async function namespaceOf(commits: DeliveryCommits, place: Place, wanted: WantedCommit | undefined) {
  const release = wanted && (await commits.release(place, wanted.commit))
  return release && `${release.owner}-${place.environment}`
}

/** The same commits, with what each releases. */
export function withReleases(commits: DeliveryCommits, place: Place, of: readonly string[]): Promise<Applied[]> {
  return Promise.all(
    of.map(async (commit) => {
      const release = await commits.release(place, commit)
      return { commit, ...(release && { release }) }
    }),
  )
}

/** The folder of a place. From validated names only. */
export function folderOf({ environment, service }: Place): string {
  for (const name of [environment, service])
    if (!Name.safeParse(name).success) throw new PlatformError('NAME_INVALID', `${JSON.stringify(name)} is not a name.`)
  return `envs/${environment}/${service}`
}

// Only answers are kept: what failed, or was not there yet, is asked again.
function memory() {
  const known = new Map<string, unknown>()
  return async <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    if (known.has(key)) return known.get(key) as T
    const value = await ask()
    if (known.size > 5_000) known.clear()
    if (value !== undefined) known.set(key, value)
    return value
  }
}
