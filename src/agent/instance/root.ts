import { randomUUID } from 'node:crypto'
import { chmod, cp, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { notHere } from '../desired/not-here.ts'
import type { FileSpec, WorkloadSpec } from '../desired/workload-spec.ts'
import type { Runtime } from '../runtime.ts'
import type { UnpackedImage } from '../unpack-image.ts'

export interface WorkloadRoot {
  /** The image's files, with those of ConfigMaps laid over them. */
  readonly path: string
  readonly cwd: string
  /** What the sandbox shows at the places the image expects. */
  readonly mounts: readonly { readonly from: string; readonly to: string }[]
  /** True without a sandbox: paths of the image must be written as paths of this machine. */
  readonly mapped: boolean
}

/** The folder that stands for the container's root. Content-addressed, hence shared by instances of one version. */
export async function prepareRoot(
  { isolation, work }: Pick<Runtime, 'isolation' | 'work'>,
  { image, spec }: { image: UnpackedImage; spec: WorkloadSpec },
): Promise<WorkloadRoot> {
  const folders = (await readdir(image.root)).filter((name) => !systemFolders.has(name))
  const outside = spec.files.filter(({ path }) => !folders.includes(path.split('/')[1] ?? ''))
  const sandboxed = isolation.kind === 'sandbox'
  if (!sandboxed && spec.secretFiles[0])
    throw notHere(
      `secret ${spec.secretFiles[0].secret} can only be given as a file in a sandbox; install bwrap, or take it as a variable`,
    )
  if (!sandboxed && outside[0]) throw notHere(`${outside[0].path} can only be placed in a sandbox; install bwrap`)
  const roots = await work.sharedFolder('roots')
  const path = spec.files.length + spec.secretFiles.length === 0 ? image.root : await overlay(image, { roots, spec })
  const cwd = image.workingDir === '/' ? path : join(path, image.workingDir)
  if (!sandboxed) return { path, cwd, mounts: [], mapped: true }
  const mounts = [...folders.map((name) => `/${name}`), ...outside.map((file) => file.path)]
  return {
    path,
    cwd: image.workingDir === '/' ? path : image.workingDir,
    mounts: mounts.map((to) => ({ from: join(path, to), to })),
    mapped: false,
  }
}

const systemFolders = new Set([
  'bin',
  'dev',
  'etc',
  'lib',
  'lib32',
  'lib64',
  'libx32',
  'proc',
  'sbin',
  'sys',
  'tmp',
  'usr',
  'nix',
])

async function overlay(image: UnpackedImage, { roots, spec }: { roots: string; spec: WorkloadSpec }): Promise<string> {
  const path = join(roots, `${spec.environment}-${spec.service}-${spec.hash}`)
  if (await stat(path).catch(() => undefined)) return path
  const draft = `${path}.${randomUUID()}.new`
  await cp(image.root, draft, { recursive: true })
  await chmod(draft, 0o755)
  // What is mounted over a read-only folder needs something to be mounted on; the secret itself never lies here.
  for (const { path: at } of spec.secretFiles) await lay(draft, { path: at, base64: '', mode: 0o444 })
  for (const file of spec.files) await lay(draft, file)
  await rename(draft, path).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true })
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error // another instance of the version was faster
  })
  return path
}

async function lay(root: string, { path, base64, mode }: FileSpec): Promise<void> {
  const target = join(root, path)
  if (!target.startsWith(`${root}/`)) throw notHere(`a file is mounted at ${path}`)
  await mkdir(dirname(target), { recursive: true, mode: 0o755 })
  await rm(target, { recursive: true, force: true })
  await writeFile(target, Buffer.from(base64, 'base64'))
  await chmod(target, (mode & 0o555) | 0o444) // a read-only mount, readable by the group that is the workload's own
}
