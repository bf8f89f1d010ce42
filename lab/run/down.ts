import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { allEngines } from '../engines/all.ts'
import type { LabPlace } from './lab-place.ts'

/** Ends every engine, the last one first, and removes its state. Only processes that the lab started are touched. Safe to repeat. */
export async function down(lab: LabPlace): Promise<readonly string[]> {
  const problems: string[] = []
  for (const engine of allEngines.toReversed()) {
    await lab.forget(engine.name)
    if (engine.name !== 'network') await attempt(engine.name, async () => engine.stop?.(lab), problems)
  }
  for (const name of await running(lab)) await attempt(name, () => lab.end(name), problems)
  await attempt('network', async () => allEngines.find(({ name }) => name === 'network')?.stop?.(lab), problems)
  for (const folder of ['state', 'facts', 'pid', 'log'])
    await attempt(folder, () => rm(join(lab.folder, folder), { recursive: true, force: true }), problems)
  return problems
}

/** Names of the processes that the lab has on record. */
export async function running(lab: LabPlace): Promise<readonly string[]> {
  return (await readdir(join(lab.folder, 'pid')).catch(() => [])).toSorted((a, b) => a.localeCompare(b))
}

async function attempt(name: string, work: () => Promise<void>, problems: string[]): Promise<void> {
  try {
    await work()
  } catch (error) {
    problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
