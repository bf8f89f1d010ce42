import { join } from 'node:path'
import type { RemoteAccess } from '#lib/git/remote.ts'
import { type Isolation, slotsOf } from '#lib/isolation.ts'
import { nodeBase } from '#lib/oci/node-base.ts'
import { openToolchain, type WorkRoot } from '#lib/work-root.ts'
import type { RepoRef } from '#model/names.ts'
import type { Artifacts } from '#ports/artifacts.ts'
import type { BuildResult, Ci } from '#ports/ci.ts'
import { type BuildPlace, buildCommit } from './build.ts'
import { sweepDependencies } from './dependencies.ts'
import { defaultDiskLimits, type DiskLimits } from './disk-watch.ts'
import { npmSettings } from './npm-settings.ts'
import { outputStore } from './output-store.ts'
import { publishImage } from './publish.ts'
import { resultStore } from './result-store.ts'
import { runFolders } from './run-folders.ts'

export interface LocalCiOptions {
  readonly workRoot: WorkRoot
  readonly isolation: Isolation
  readonly artifacts: Artifacts
  readonly gitRemote: (repo: RepoRef) => Promise<RemoteAccess>
  /** Time limit of one step; the install has the same. */
  readonly stepTimeoutMs?: number
  /** What a build may write. */
  readonly diskLimits?: DiskLimits
  /** Where the Node base layer is kept; the default is the work folder. */
  readonly baseCache?: string
}

export interface LocalCi extends Ci {
  /** Resolves when what a killed control plane left running has ended, and rejects when Node.js or npm is missing. */
  ready(): Promise<void>
  /** Makes the Node base ahead of the first image, which takes some seconds once per machine. */
  warm(): Promise<void>
}

/** Runs pipelines as confined child processes of this machine. Two halves: `build` runs their code, `publish` runs none. */
export function localCi(options: LocalCiOptions): LocalCi {
  const { workRoot, isolation } = options
  const bases = options.baseCache ?? join(workRoot.path, 'bases')
  const outputs = outputStore(join(workRoot.path, 'outputs'))
  const results = resultStore(join(workRoot.path, 'results'))
  const running = new Map<string, Promise<BuildResult>>()
  // At once, not at the first build: what a killed control plane left running must end now.
  const ready = prepare(options, outputs)
  ready.catch(() => {})
  return {
    can: { cancel: true },
    async build(request, report, signal) {
      const known = await results.read(request)
      if (known?.output && (await outputs.has(known.output.digest))) return known
      const id = JSON.stringify([request.key, request.commit])
      const first = running.get(id)
      if (first) return first
      const building = ready.then((place) => buildCommit(place, request, { report, signal }))
      running.set(id, building)
      try {
        const result = await building
        if (result.state === 'success') await results.write(request, result)
        return result
      } finally {
        running.delete(id)
      }
    },
    async publish(request, signal) {
      await ready
      return publishImage(
        { artifacts: options.artifacts, outputs, bases, scratch: join(workRoot.path, 'layers') },
        request,
        signal,
      )
    },
    async ready() {
      await ready
    },
    async warm() {
      await nodeBase(bases)
    },
  }

  async function prepare(
    { stepTimeoutMs = 300_000, diskLimits = defaultDiskLimits, gitRemote }: LocalCiOptions,
    store: BuildPlace['outputs'],
  ): Promise<BuildPlace> {
    const folders = runFolders(workRoot, slotsOf(isolation.uidCount))
    for (const name of ['mirrors', 'outputs', 'results', 'layers']) await workRoot.privateFolder(name)
    await folders.sweep()
    await store.sweep()
    await sweepDependencies(await workRoot.sharedFolder('dependencies'))
    const tools = await openToolchain(workRoot, isolation)
    const settings = npmSettings(tools)
    return {
      workRoot,
      isolation,
      tools,
      folders,
      outputs: store,
      gitRemote,
      stepTimeoutMs,
      diskLimits,
      npmSettings: settings,
    }
  }
}
