import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { PlatformError } from '#errors/platform-error.ts'
import { findSandbox } from '#lib/isolation.ts'
import { sandboxArgv } from '#lib/sandbox-argv.ts'
import type { RenderedFile } from '../rendered-file.ts'
import { findPackager, type Packager } from './find-packager.ts'

const limitMs = 10_000
const mostOutput = 4_000_000

/**
 * Runs a packager on files in an empty sandbox: no network, no file but these and the program, no environment but its
 * own folders, 10 s, 1 GB of memory where prlimit is there, 4 MB of output. Gives what it printed. PACKAGING_INVALID with its words when it refuses.
 */
export async function runPackager(
  packager: Packager,
  { files, argv }: { files: readonly RenderedFile[]; argv: readonly string[] },
): Promise<string> {
  const program = await findPackager(packager)
  const bwrap = findSandbox()
  if (!bwrap)
    throw new PlatformError(
      'PACKAGING_TOOL_MISSING',
      'a chart or a kustomization is rendered in a sandbox only, and there is none here',
      {
        hint: 'install bubblewrap from the system packages; ./fairway doctor says whether it works',
      },
    )
  const folder = await mkdtemp(join(tmpdir(), 'fairway-packaged-'))
  try {
    await writeAll(folder, files)
    const command = sandboxArgv(bwrap, {
      argv: [...memoryLimit(), program, ...argv],
      cwd: folder,
      writable: [],
      readable: [folder, program],
      network: false,
      dieWithParent: true,
    })
    return await output(packager, command, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const prlimit = '/usr/bin/prlimit'

const memoryLimit = (): string[] => (existsSync(prlimit) ? [prlimit, '--data=1000000000', '--core=0', '--'] : [])

async function writeAll(folder: string, files: readonly RenderedFile[]): Promise<void> {
  for (const { path, content } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}

async function output(packager: Packager, [file = '', ...rest]: readonly string[], folder: string): Promise<string> {
  const { stdout, stderr, failed, timedOut, isMaxBuffer } = await execa(file, rest, {
    extendEnv: false,
    // Both keep state below their home; the sandbox's /tmp ends with it.
    env: {
      HOME: '/tmp',
      XDG_CONFIG_HOME: '/tmp',
      XDG_CACHE_HOME: '/tmp',
      XDG_DATA_HOME: '/tmp',
      GOMEMLIMIT: '400MiB',
      PATH: '/usr/bin:/bin',
    },
    timeout: limitMs,
    killSignal: 'SIGKILL',
    maxBuffer: mostOutput,
    stdin: 'ignore',
    reject: false,
  })
  if (timedOut) throw new PlatformError('PACKAGING_REFUSED', `${packager} did not end within ${limitMs / 1_000} s`)
  if (isMaxBuffer)
    throw new PlatformError('PACKAGING_REFUSED', `${packager} gives more than ${mostOutput / 1_000_000} MB`)
  if (!failed) return stdout
  const words = stderr.replaceAll(folder, '').trim().split('\n').slice(-3).join(' ').slice(0, 600)
  throw new PlatformError('PACKAGING_INVALID', `${packager}: ${words || 'it failed without a word'}`, {
    hint: `render it yourself: ${packager === 'helm' ? 'helm template ./helm' : 'kustomize build ./kustomize'}`,
  })
}
