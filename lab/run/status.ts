import { readFile } from 'node:fs/promises'
import { allEngines } from '../engines/all.ts'
import { running } from './down.ts'
import { alive } from './engine-process.ts'
import type { LabPlace } from './lab-place.ts'

export interface EngineStatus {
  readonly name: string
  readonly state: 'up' | 'down'
  /** Its address, where it has one. */
  readonly address?: string
}

export interface ProcessStatus {
  readonly name: string
  readonly state: 'runs' | 'gone'
  readonly pid?: number
  /** Resident memory in MiB. */
  readonly memory?: number
}

/** Engines and their processes as they stand now. */
export async function status(lab: LabPlace): Promise<{ engines: EngineStatus[]; processes: ProcessStatus[] }> {
  const engines: EngineStatus[] = []
  for (const { name } of allEngines) {
    const facts = await lab.facts(name)
    const address = facts?.['url'] ?? facts?.['server'] ?? facts?.['address']
    engines.push({ name, state: facts ? 'up' : 'down', ...(address !== undefined && { address }) })
  }
  const processes: ProcessStatus[] = []
  for (const name of await running(lab)) {
    const known = await alive(lab.folder, name)
    processes.push(
      known ? { name, state: 'runs', pid: known.pid, memory: await memoryOf(known.pid) } : { name, state: 'gone' },
    )
  }
  return { engines, processes }
}

async function memoryOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024)
}
