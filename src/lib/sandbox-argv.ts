import { lstatSync, readlinkSync } from 'node:fs'

export interface SandboxRequest {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly writable: readonly string[]
  readonly readable: readonly string[]
  /** Read-only, shown at another place than where they lie. */
  readonly mounts?: readonly { readonly from: string; readonly to: string }[]
  readonly network: boolean
  readonly dieWithParent?: boolean
}

/**
 * The bubblewrap command in which only the system's programs (read-only), a private /tmp and the listed folders exist.
 * The environment travels by inheritance, never in the argument list.
 */
export function sandboxArgv(bwrap: string, request: SandboxRequest): string[] {
  const namespaces = ['user', 'pid', 'ipc', 'uts', ...(request.network ? [] : ['net'])].map(
    (name) => `--unshare-${name}`,
  )
  return [
    bwrap,
    ...namespaces,
    ...(request.dieWithParent ? ['--die-with-parent'] : []),
    '--ro-bind',
    '/usr',
    '/usr',
    ...topFolders.flatMap(topFolder),
    ...etcFiles.flatMap((path) => ['--ro-bind-try', path, path]),
    ...mounts,
    ...binds(request),
    '--remount-ro',
    '/dev',
    '--remount-ro',
    '/',
    '--chdir',
    request.cwd,
    '--',
    ...request.argv,
  ]
}

// What lies in these is memory of the machine, so it has an end.
const scratch = (path: string, bytes: number) => ['--size', String(bytes), '--tmpfs', path]

const mounts = ['--proc', '/proc', '--dev', '/dev', ...scratch('/dev/shm', 64_000_000), ...scratch('/tmp', 512_000_000)]

const topFolders = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store']

const etcFiles = [
  'resolv.conf',
  'hosts',
  'nsswitch.conf',
  'host.conf',
  'ssl',
  'pki',
  'ca-certificates',
  'alternatives',
  'ld.so.cache',
  'localtime',
  'passwd',
  'group',
].map((name) => `/etc/${name}`)

// Most distributions link /lib to usr/lib; a bind of the link's target would hide that from programs that ask.
function topFolder(path: string): string[] {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat?.isSymbolicLink()) return ['--symlink', readlinkSync(path), path]
  return stat ? ['--ro-bind', path, path] : []
}

// Shallow first, so that a read-only folder inside a writable one stays read-only.
function binds({ writable, readable, mounts: shown = [] }: SandboxRequest): string[] {
  const all = [
    ...writable.map((path) => ['--bind', path, path] as const),
    ...readable.map((path) => ['--ro-bind', path, path] as const),
    ...shown.map(({ from, to }) => ['--ro-bind', from, to] as const),
  ]
  return all.sort((a, b) => a[2].length - b[2].length).flat()
}
