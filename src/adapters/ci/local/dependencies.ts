import { createHash, randomUUID } from 'node:crypto'
import { chmod, lchown, lstat, mkdir, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { runChild } from '#lib/child.ts'
import { confine } from '#lib/isolation.ts'
import type { BuildPlace, BuildWatch } from './build.ts'
import { reasonFor, tailKeeper } from './failure-words.ts'
import { safeProjectNpmrc } from './npm-settings.ts'
import type { RunFolder } from './run-folders.ts'
import { checkSources, safeLockfile } from './safe-lockfile.ts'
import { StepFailure } from './step-ledger.ts'

type Context = BuildPlace & { readonly run: RunFolder; readonly watch: BuildWatch }

interface InstallInput {
  readonly lock: string
  readonly manifest: string
  readonly npmrc: string
}

const making = new Map<string, Promise<void>>()

/**
 * The `node_modules` for a lockfile, made once by the platform from lockfile and manifest alone, with no code of any
 * package run, and then only read: a build has no way to change what the next one gets. Undefined: nothing to install.
 */
export async function dependencies(context: Context, input: InstallInput): Promise<string | undefined> {
  const manifest = reducedManifest(input.manifest)
  if (!hasPackages(input.lock)) return undefined
  const npmrc = safeProjectNpmrc(input.npmrc)
  const lock = lockFrom(input.lock)
  const about = [lock, manifest, npmrc, context.tools.nodeVersion, process.platform, process.arch]
  const key = createHash('sha256').update(JSON.stringify(about)).digest('hex')
  const entry = join(await context.workRoot.sharedFolder('dependencies'), key)
  const modules = join(entry, 'node_modules')
  if (await stat(modules).catch(() => undefined)) {
    await utimes(entry, new Date(), new Date())
    context.watch.report({ step: 'install', level: 'info', text: 'dependencies are in the cache' })
    return modules
  }
  const made = making.get(entry) ?? installOnce(context, entry, { lock, manifest, npmrc })
  making.set(entry, made)
  await made.finally(() => making.delete(entry))
  return modules
}

/** Removes what no build used for a month. Call before any build starts. */
export async function sweepDependencies(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const { mtimeMs } = await stat(join(folder, name))
    if (Date.now() - mtimeMs > 30 * 24 * 3_600_000) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** Puts the read-only dependencies where Node.js looks for them. */
export async function linkDependencies(modules: string, folder: string): Promise<void> {
  const at = join(folder, 'node_modules')
  if (await lstat(at).catch(() => undefined)) {
    const reason = 'the repository contains node_modules; remove it from Git, the platform installs from the lockfile'
    throw new StepFailure({ step: 'install', reason, tail: [] })
  }
  await symlink(modules, at)
}

async function installOnce(context: Context, entry: string, files: InstallInput): Promise<void> {
  const owner = 'npm-install'
  const name = `${context.run.path.slice(context.workRoot.path.length + 1)}/install-${randomUUID()}`
  const folder = await context.workRoot.ownedFolder(name, owner)
  const home = await context.workRoot.ownedFolder('npm-home', owner)
  try {
    const settings = await context.npmSettings.writeTo(folder)
    await writeFile(join(folder, 'package.json'), files.manifest)
    await writeFile(join(folder, 'package-lock.json'), files.lock)
    await writeFile(join(folder, '.npmrc'), files.npmrc)
    for (const file of await readdir(folder)) await context.workRoot.give(join(folder, file), owner)
    await runNpm(context, { folder, home, settings, owner })
    const modules = join(folder, 'node_modules')
    await mkdir(modules, { recursive: true })
    await takeBack(modules)
    await mkdir(entry, { mode: 0o755 }).catch(() => {})
    await rename(modules, join(entry, 'node_modules'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface NpmCall {
  readonly folder: string
  readonly home: string
  readonly settings: Record<string, string>
  readonly owner: string
}

async function runNpm(context: Context, { folder, home, settings, owner }: NpmCall): Promise<void> {
  const { tools, watch, run } = context
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=warn']
  const confined = confine(context.isolation, {
    argv: [tools.node, tools.npmCli, 'ci', ...flags],
    cwd: folder,
    env: {
      PATH: `${tools.bin}:/usr/bin:/bin`,
      HOME: home,
      TMPDIR: home,
      LANG: 'C.UTF-8',
      npm_config_cache: join(home, 'cache'),
      ...settings,
    },
    writable: [folder, home],
    readable: tools.readable,
    network: true,
    as: owner,
    dieWithParent: true,
  })
  const tail = tailKeeper()
  const limits = { timeoutMs: context.stepTimeoutMs, maxOutput: 4_000_000, signal: watch.signal }
  const end = await runChild(confined, limits, {
    onStart: run.note,
    onLine(text, stream) {
      tail.add(text)
      watch.report({ step: 'install', level: stream === 'stderr' ? 'warn' : 'info', text })
    },
  })
  if (end.by === 'exit' && end.code === 0) return
  const reason = reasonFor('install', { ...end, limitSeconds: context.stepTimeoutMs / 1_000 }, tail.lines())
  throw new StepFailure({ step: 'install', reason, tail: tail.lines() })
}

// Scripts, workspaces and tool settings stay outside: npm reads what it must install, and a changed script keeps the cache.
function reducedManifest(text: string): string {
  const manifest = jsonOf(text, 'package.json')
  if (manifest['workspaces'] !== undefined)
    throw new PlatformError('PIPELINE_INVALID', 'package.json: npm workspaces are not supported by the local pipeline')
  const kept = [
    'dependencies',
    'devDependencies',
    'optionalDependencies',
    'peerDependencies',
    'peerDependenciesMeta',
    'bundleDependencies',
    'overrides',
  ]
  const part = Object.fromEntries(kept.flatMap((key) => (manifest[key] === undefined ? [] : [[key, manifest[key]]])))
  checkSources(part)
  return JSON.stringify({ name: 'install', version: '0.0.0', private: true, ...part })
}

// The lockfile repeats the project's name, which installs nothing: two services of one golden path share what they need.
function lockFrom(text: string): string {
  return JSON.stringify(safeLockfile(text))
}

function hasPackages(lock: string): boolean {
  const { packages } = jsonOf(lock, 'the lockfile')
  return packages === undefined || Object.keys(packages as object).some((path) => path !== '')
}

function jsonOf(text: string, what: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // said below
  }
  throw new PlatformError('PIPELINE_INVALID', `${what} is not a JSON object`)
}

// From the install's user to ours, readable by all and writable by nobody; links are re-owned, never followed.
async function takeBack(path: string): Promise<void> {
  const about = await lstat(path)
  if (process.getuid?.() === 0) await lchown(path, 0, 0)
  if (about.isDirectory()) {
    await chmod(path, 0o755)
    for (const name of await readdir(path)) await takeBack(join(path, name))
  } else if (about.isFile()) {
    await chmod(path, (about.mode & 0o111) === 0 ? 0o444 : 0o555)
  } else if (!about.isSymbolicLink()) {
    throw new PlatformError('PIPELINE_FAILED', 'an installed package has a file that is neither file, folder nor link')
  }
}
