import { lstat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import type { RemoteAccess } from '#lib/git/remote.ts'
import { type Isolation, identityFor } from '#lib/isolation.ts'
import type { Toolchain, WorkRoot } from '#lib/work-root.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import type { RepoRef } from '#model/names.ts'
import type { Pipeline } from '#model/pipeline.ts'
import type { BuildRequest, BuildResult, PipelineLine } from '#ports/ci.ts'
import { type Checkout, checkout } from './checkout.ts'
import { dependencies, linkDependencies } from './dependencies.ts'
import type { DiskLimits } from './disk-watch.ts'
import type { NpmSettings } from './npm-settings.ts'
import type { OutputStore } from './output-store.ts'
import { parsePipeline, pipelinePath } from './pipeline-file.ts'
import type { RunFolder, runFolders } from './run-folders.ts'
import { runStep } from './run-step.ts'
import { StepFailure, stepLedger } from './step-ledger.ts'

export interface BuildPlace {
  readonly workRoot: WorkRoot
  readonly isolation: Isolation
  readonly tools: Toolchain
  readonly folders: ReturnType<typeof runFolders>
  readonly outputs: OutputStore
  readonly gitRemote: (repo: RepoRef) => Promise<RemoteAccess>
  readonly stepTimeoutMs: number
  readonly diskLimits: DiskLimits
  readonly npmSettings: NpmSettings
}

export interface BuildWatch {
  readonly report: (line: PipelineLine) => void
  readonly signal: AbortSignal
}

/** One build from commit to handed-over folder, in a private folder that is gone afterwards, whatever happens. */
export async function buildCommit(place: BuildPlace, request: BuildRequest, watch: BuildWatch): Promise<BuildResult> {
  const ledger = stepLedger(watch.report)
  const run = await place.folders.open()
  try {
    const { source, pipeline } = await ledger.step('checkout', () => fetchCommit(place, request, run))
    ledger.plan(...(pipeline.spec.install ? ['install'] : []), ...pipeline.spec.steps.map(({ name }) => name), 'output')
    const src = join(run.path, 'src')
    const modules =
      pipeline.spec.install && (await install({ ...place, run, source, watch, ledger }, pipeline.spec.install.lockfile))
    const home = await run.owned('home')
    for (const step of pipeline.spec.steps) {
      await ledger.step(step.name, () => runStep({ ...place, run, src, home, modules, source, watch }, step))
    }
    const output = await ledger.step('output', () => handOver(place, src, pipeline.spec.output))
    watch.signal.throwIfAborted()
    return { state: 'success', steps: ledger.steps(), output }
  } catch (error) {
    watch.signal.throwIfAborted()
    if (!(error instanceof StepFailure)) throw error
    return { state: 'failure', steps: ledger.steps(), failure: error.failure }
  } finally {
    await run.remove()
  }
}

async function fetchCommit(place: BuildPlace, request: BuildRequest, run: RunFolder) {
  const remote = await place.gitRemote(request.repo)
  const source = await checkout(join(place.workRoot.path, 'mirrors'), { ...request, remote })
  const text = await source.file(pipelinePath)
  await admitYaml(text)
  const pipeline = parsePipeline(text)
  await source.exportTo(await run.owned('src'), identityFor(place.isolation, run.slot))
  return { source, pipeline }
}

type InstallContext = BuildPlace & {
  run: RunFolder
  source: Checkout
  watch: BuildWatch
  ledger: ReturnType<typeof stepLedger>
}

async function install(context: InstallContext, lockfile: string): Promise<string | undefined> {
  return context.ledger.step('install', async () => {
    const folder = dirname(lockfile) === '.' ? '' : `${dirname(lockfile)}/`
    const [lock, manifest, npmrc] = await Promise.all([
      context.source.file(lockfile),
      context.source.file(`${folder}package.json`),
      context.source.file(`${folder}.npmrc`),
    ])
    if (lock === undefined || manifest === undefined) {
      const missing = lock === undefined ? lockfile : `${folder}package.json`
      const errors = [{ path: 'spec/install/lockfile', message: `${missing} is not in the commit` }]
      throw new PlatformError('PIPELINE_INVALID', `spec/install/lockfile: ${missing} is not in the commit`, { errors })
    }
    const modules = await dependencies(context, { lock, manifest, npmrc: npmrc ?? '' })
    if (modules) await linkDependencies(modules, join(context.run.path, 'src', folder))
    return modules
  })
}

async function handOver(place: BuildPlace, src: string, output: Pipeline['spec']['output']) {
  const folder = join(src, output.folder)
  if (!(await isFolder(src, output.folder)))
    throw new StepFailure({ step: 'output', reason: `the steps made no folder \`${output.folder}\``, tail: [] })
  const { digest, files } = await place.outputs.collect(folder).catch((error: PlatformError) => {
    if (error.code !== 'IMAGE_INVALID') throw error
    throw new StepFailure({ step: 'output', reason: error.message, tail: [] })
  })
  if (!output.entry.some((argument) => files.includes(argument.replace(/^\.\//, '')))) {
    const reason = `\`${output.folder}\` has no file ${output.entry.map((name) => `\`${name}\``).join(' or ')}, which the image is to start`
    throw new StepFailure({ step: 'output', reason, tail: files.slice(0, 20) })
  }
  return { digest, entry: output.entry }
}

// Each part is looked at itself: a step may have replaced a folder on the way by a link to somewhere else.
async function isFolder(root: string, path: string): Promise<boolean> {
  let at = root
  for (const part of path.split('/')) {
    at = join(at, part)
    if (!(await lstat(at).catch(() => undefined))?.isDirectory()) return false
  }
  return true
}
