import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)
let pageSize: Promise<number> | undefined

/** Resident memory in bytes of every process group of this machine, by group id. Shared pages count for each process. */
export async function memoryByGroup(): Promise<Map<number, number>> {
  if (process.platform !== 'linux') return fromPs()
  pageSize ??= run('getconf', ['PAGESIZE'], { env: { PATH: '/usr/bin:/bin' } }).then(
    ({ stdout }) => Number(stdout),
    () => 4_096,
  )
  return fromProc(await pageSize)
}

// Files of /proc are answered from memory: reading them at once costs a fraction of a trip through the thread pool.
function fromProc(bytesPerPage: number): Map<number, number> {
  const groups = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const text = /^\d+$/.test(name) ? statOf(name) : undefined
    if (text === undefined) continue
    // Field 2 may hold anything, so counting begins after its bracket: group is field 5, resident pages field 24.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const group = Number(fields[2])
    groups.set(group, (groups.get(group) ?? 0) + Number(fields[21]) * bytesPerPage)
  }
  return groups
}

function statOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined // it ended meanwhile
  }
}

async function fromPs(): Promise<Map<number, number>> {
  const { stdout } = await run('ps', ['-axo', 'pgid=,rss='], { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } })
  const groups = new Map<number, number>()
  for (const line of stdout.split('\n')) {
    const [group = Number.NaN, kilobytes = 0] = line.trim().split(/\s+/).map(Number)
    if (Number.isInteger(group)) groups.set(group, (groups.get(group) ?? 0) + kilobytes * 1_024)
  }
  return groups
}
