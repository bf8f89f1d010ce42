import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { sandboxArgv } from './sandbox-argv.ts'

/** How children that run other people's code are kept apart from the platform on this machine. `reason` is for people. */
export interface Isolation {
  /** `sandbox`: bubblewrap, only listed folders visible. `user`: another user id that cannot enter the platform's folders. `none`: the platform's own user. */
  readonly kind: 'sandbox' | 'user' | 'none'
  readonly reason: string
  readonly bwrap?: string
  readonly prlimit?: string
  /** Set when we are root: the first of `uidCount` user ids that belong to children. */
  readonly uid?: number
  readonly gid?: number
  readonly uidCount?: number
  /** Which platform of this machine it is: two of them give the same name other ids, or each would end the other's children. */
  readonly place?: string
}

export interface ConfineRequest {
  readonly argv: readonly string[]
  readonly cwd: string
  /** The whole environment of the child; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly writable: readonly string[]
  readonly readable: readonly string[]
  /** Read-only and in the sandbox only: what lies at `from` is seen at `to`. */
  readonly mounts?: readonly { readonly from: string; readonly to: string }[]
  /** `false` leaves loopback only, in the sandbox; the other kinds cannot cut the network and say so in `reason`. */
  readonly network: boolean
  /** Whose child it is: as root, each runs under a user id of its own. */
  readonly as?: ChildName
  /** Most bytes of one file, where the machine lets us say so. */
  readonly fileBytes?: number
  /** In the sandbox: end with us, also after kill -9. Not for workloads, which outlive the agent. */
  readonly dieWithParent?: boolean
}

/** A lasting name, as `dev/shop`, or the number of a slot (below `slots`) that its caller hands out to one child at a time. */
export type ChildName = string | number

/** Ready for `spawn(argv[0], argv.slice(1), { cwd, env, uid, gid })`. */
export interface Confined {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly uid?: number
  readonly gid?: number
}

/** Finds the strongest isolation that really works here, by trying it as the user that children will have. `place` is the data folder. */
export async function detectIsolation({
  path = process.env.PATH ?? '',
  place = '',
}: {
  path?: string
  place?: string
} = {}): Promise<Isolation> {
  const found = childIds()
  const ids = found && { ...found, place }
  const prlimit = findProgram('prlimit', process.env.PATH ?? '')
  const own = { ...ids, ...(prlimit && ids ? { prlimit } : {}) }
  const bwrap = findProgram('bwrap', path)
  const sandboxTrouble = bwrap ? probeSandbox(bwrap, ids) : 'bwrap is not installed'
  if (bwrap && !sandboxTrouble) {
    return { kind: 'sandbox', reason: 'bwrap works: children see only the folders listed for them', bwrap, ...own }
  }
  if (ids && canBecome(ids)) {
    const reason = `children run as their own user ids from ${ids.uid}; they share the network and can read what every user of this machine can (${sandboxTrouble})`
    return { kind: 'user', reason, ...own }
  }
  const reason = `children run as the user of the platform and can read what it can (${sandboxTrouble}; not started as root)`
  return { kind: 'none', reason }
}

let ownSandbox: { readonly bwrap: string | undefined } | undefined

/** bubblewrap, where it works for the user we are; tried once. For code of ours that reads what others wrote. */
export function findSandbox(): string | undefined {
  if (ownSandbox) return ownSandbox.bwrap
  const bwrap = findProgram('bwrap', process.env.PATH ?? '')
  ownSandbox = { bwrap: bwrap && probeSandbox(bwrap) === undefined ? bwrap : undefined }
  return ownSandbox.bwrap
}

/** Turns a command into one that is confined. Throws nothing: what the kind cannot enforce is said in its `reason`. */
export function confine(isolation: Isolation, request: ConfineRequest): Confined {
  const ids = identityFor(isolation, request.as)
  const limited = isolation.prlimit
    ? [isolation.prlimit, '--nproc=1024', '--core=0', ...fileLimit(request), '--', ...request.argv]
    : request.argv
  if (isolation.kind !== 'sandbox' || !isolation.bwrap)
    return { argv: limited, cwd: request.cwd, env: request.env, ...ids }
  return { argv: sandboxArgv(isolation.bwrap, { ...request, argv: limited }), cwd: '/', env: request.env, ...ids }
}

function fileLimit({ fileBytes }: ConfineRequest): string[] {
  return fileBytes === undefined ? [] : [`--fsize=${fileBytes}`]
}

/** The user that owns a child's folders: empty when we are not root. The same name in the same place always gives the same id. */
export function identityFor(
  { uid, gid, uidCount = 2, place = '' }: Isolation,
  as?: ChildName,
): { readonly uid?: number; readonly gid?: number } {
  if (uid === undefined || gid === undefined) return {}
  const slots = slotsOf(uidCount)
  const names = uidCount - slots
  const named = (name: string) => 1 + (numberOf(`${place}\0${name}`) % (names - 1))
  const slot = (number: number) => names + ((numberOf(place) + number) % slots)
  const offset = as === undefined ? 0 : typeof as === 'string' ? named(as) : slot(as)
  return { uid: uid + offset, gid: gid + offset }
}

function numberOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE()
}

/** How many slots there are for short-lived children. */
export function slotsOf(uidCount = 500): number {
  return Math.floor(uidCount / 10)
}

// The high range is free by systemd's table of user ids (https://systemd.io/UIDS-GIDS), so no person and no daemon
// can own it; where a container maps fewer ids, the gap below 61184 is used.
function childIds(): { uid: number; gid: number; uidCount: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const range = mapped(1_880_000_000, 100_000) ? [1_880_000_000, 100_000] : [60_600, 500]
  const [uid = 0, uidCount = 2] = range
  return { uid, gid: uid, uidCount }
}

function mapped(first: number, count: number): boolean {
  if (process.platform !== 'linux') return false
  return readFileSync('/proc/self/uid_map', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .some(([inside = Number.NaN, , length = 0]) => inside <= first && first + count <= inside + length)
}

function probeSandbox(bwrap: string, ids?: { uid: number; gid: number }): string | undefined {
  const argv = sandboxArgv(bwrap, { argv: ['/usr/bin/env'], cwd: '/tmp', writable: [], readable: [], network: false })
  const probe = spawnSync(bwrap, argv.slice(1), { env: {}, cwd: '/', timeout: 10_000, ...pick(ids) })
  if (probe.status === 0) return undefined
  const words = probe.error?.message ?? String(probe.stderr).trim().split('\n').at(-1)
  return `bwrap is installed but does not work here: ${words}`
}

function canBecome(ids: { uid: number; gid: number }): boolean {
  return spawnSync('/usr/bin/env', [], { env: {}, cwd: '/', timeout: 10_000, ...pick(ids) }).status === 0
}

function pick(ids?: { uid: number; gid: number }): { uid?: number; gid?: number } {
  return ids ? { uid: ids.uid, gid: ids.gid } : {}
}

function findProgram(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
