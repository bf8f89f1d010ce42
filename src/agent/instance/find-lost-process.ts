import { readdir, readFile } from 'node:fs/promises'
import { type ProcessRef, startMark } from '#lib/process-group.ts'

/**
 * The process of an instance whose agent died between starting it and writing its pid down: the leader of a group with
 * the instance's id in its environment. Linux only; elsewhere the gap of about a millisecond stays open.
 */
export async function findLostProcess(instanceId: string): Promise<ProcessRef | undefined> {
  if (process.platform !== 'linux') return undefined
  for (const name of await readdir('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    if (
      !environment.includes(`service.instance.id=${instanceId}\0`) &&
      !environment.endsWith(`service.instance.id=${instanceId}`)
    )
      continue
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])
    const started = startMark(pid)
    if (group === pid && started !== undefined) return { pid, started }
  }
  return undefined
}
