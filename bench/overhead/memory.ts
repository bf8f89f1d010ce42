import { readFile } from 'node:fs/promises'
import type { TestPlatform } from '../../testing/start-platform.ts'

/** Resident MiB of the control plane's process alone, without PostgreSQL, agent and services. */
export async function memoryOf(platform: TestPlatform): Promise<number> {
  const { controlPlane } = await platform.processes()
  const status = await readFile(`/proc/${controlPlane?.pid}/status`, 'utf8')
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024)
}
