import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

/** An engine that is built from a Go module. */
export interface GoEngine {
  /** Name of the binary. */
  readonly name: string
  readonly module: string
  readonly version: string
  /** The main package, where it is not the module itself. */
  readonly package?: string
  /** Version that stands for what the module takes from its own folders, or `v0.0.0`. */
  readonly local?: string
  /** Go's toolchain, where the module asks for a newer one than this machine may have. */
  readonly toolchain?: string
  readonly tags?: readonly string[]
  /** Values for the linker. */
  readonly linked?: readonly string[]
  /** Whether the module's own go.sum is taken as the word on its requirements. */
  readonly ownSums?: boolean
}

interface GoModFile {
  readonly Require?: readonly { readonly Path: string; readonly Version: string }[]
  readonly Replace?: readonly {
    readonly Old: { readonly Path: string; readonly Version?: string }
    readonly New: { readonly Path: string; readonly Version?: string }
  }[]
}

/**
 * Builds `engine` and puts it at `binary`, whole or not at all. `work` is a folder for this engine alone; Go's own
 * caches make a second build quick. What Go prints goes to `log`.
 */
export async function buildGoEngine(
  engine: GoEngine,
  place: { work: string; binary: string; log: string; signal: AbortSignal },
): Promise<void> {
  await rm(place.work, { recursive: true, force: true })
  await mkdir(place.work, { recursive: true })
  const go = runner(engine, place)
  const { GoMod, Dir } = JSON.parse(await go(['mod', 'download', '-json', `${engine.module}@${engine.version}`]))
  const file: GoModFile = JSON.parse(await go(['mod', 'edit', '-json', GoMod]))
  await go(['mod', 'init', `fairway.lab/${engine.name}`])
  const replaced = replacements(engine, file)
  if (replaced.length > 0) await go(['mod', 'edit', ...replaced.map((each) => `-replace=${each}`)])
  if (engine.ownSums) await copyFile(join(Dir, 'go.sum'), join(place.work, 'go.sum'))
  const main = engine.package ?? engine.module
  await go(['get', '-tool', `${main}@${engine.version}`])
  const built = join(place.work, 'built')
  await go([
    'build',
    '-trimpath',
    ...(engine.tags ? ['-tags', engine.tags.join(' ')] : []),
    '-ldflags',
    ['-s', '-w', ...(engine.linked ?? [])].join(' '),
    '-o',
    built,
    main,
  ])
  await rename(built, place.binary)
}

/** Folder of the module's files in Go's module cache: manifests and scripts that an engine needs beside its binary. */
export async function moduleFolder(engine: GoEngine, place: { work: string; log: string }): Promise<string> {
  await mkdir(place.work, { recursive: true })
  const go = runner(engine, place)
  return JSON.parse(await go(['mod', 'download', '-json', `${engine.module}@${engine.version}`])).Dir
}

function runner(engine: GoEngine, { work, log, signal }: { work: string; log: string; signal?: AbortSignal }) {
  return async (argv: readonly string[]): Promise<string> => {
    const { stdout, stderr, failed, isCanceled } = await execa('go', [...argv], {
      cwd: work,
      env: { GOFLAGS: '-mod=mod -buildvcs=false', GOTOOLCHAIN: engine.toolchain ?? 'local', CGO_ENABLED: cgo(engine) },
      reject: false,
      ...(signal && { cancelSignal: signal }),
    })
    await writeFile(log, `$ go ${argv.join(' ')}\n${stderr}\n`, { flag: 'a' })
    if (isCanceled) throw new Error(`${engine.name}: the time for building was over`)
    if (failed) throw new Error(`${engine.name}: go ${argv[0]} failed: ${lastLine(stderr)}`)
    return stdout
  }
}

// Only the database of Gitea is written in C.
const cgo = (engine: GoEngine): string => (engine.tags?.includes('sqlite') ? '1' : '0')

/** A module's replacements hold for itself alone: ours must name them too, those that are folders by a version. */
function replacements(engine: GoEngine, file: GoModFile): string[] {
  const named = (file.Replace ?? []).flatMap(({ Old, New }) => {
    const old = Old.Version ? `${Old.Path}@${Old.Version}` : Old.Path
    if (New.Version) return [`${old}=${New.Path}@${New.Version}`]
    return engine.local ? [`${old}=${Old.Path}@${engine.local}`] : []
  })
  const inTree = (file.Require ?? []).filter(({ Version }) => Version === 'v0.0.0' && engine.local)
  const names = new Set(named.map((each) => each.split('=')[0]))
  return [
    ...named,
    ...inTree.filter(({ Path }) => !names.has(Path)).map(({ Path }) => `${Path}=${Path}@${engine.local}`),
  ]
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

/** What the binary at `stamp` was built from, or nothing. */
export const stampOf = (stamp: string): Promise<string | undefined> => readFile(stamp, 'utf8').catch(() => undefined)
