import { join } from 'node:path'
import type { InstanceRecord } from './record.ts'

export interface LogFiles {
  readonly stdout: string
  readonly stderr: string
}

/** Where an instance's output goes, over all its restarts. */
export function logFiles(folder: string, { id, spec }: Pick<InstanceRecord, 'id' | 'spec'>): LogFiles {
  const base = join(folder, spec.environment, spec.service, id)
  return { stdout: `${base}.out`, stderr: `${base}.err` }
}
