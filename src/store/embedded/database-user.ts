import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** The ids PostgreSQL runs under when we are root, which it refuses to be. */
export interface DatabaseUser {
  readonly uid: number
  readonly gid: number
  /** `initdb` asks the system for the name of its user, so it needs one that has an entry there. */
  readonly initUid: number
}

/** `undefined` unless we are root. Prefers `postgres`; without it an id that belongs to nobody on this machine. */
export function databaseUser(passwd = readPasswd()): DatabaseUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const named = passwd.find(({ name }) => name === 'postgres' || name === '_postgres')
  if (named) return { uid: named.uid, gid: named.gid, initUid: named.uid }
  // 60599 lies in a gap of systemd's table (https://systemd.io/UIDS-GIDS), below the ids that workloads get.
  return { uid: 60_599, gid: 60_599, initUid: passwd.find(({ name }) => name === 'nobody')?.uid ?? 65_534 }
}

/** Whether the user may pass through every folder on the way and enter or read the path itself. */
export function canReach(path: string, { uid, gid }: { uid: number; gid: number }): boolean {
  const { mode, uid: owner, gid: group } = statSync(path)
  const shift = owner === uid ? 6 : group === gid ? 3 : 0
  if (((mode >> shift) & 0o1) === 0) return false
  const parent = dirname(resolve(path))
  return parent === resolve(path) || canReach(parent, { uid, gid })
}

function readPasswd(): { name: string; uid: number; gid: number }[] {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
    return lines.map((line) => {
      const [name = '', , uid, gid] = line.split(':')
      return { name, uid: Number(uid), gid: Number(gid) }
    })
  } catch {
    return []
  }
}
