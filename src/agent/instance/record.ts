import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { WorkloadSpec } from '../desired/workload-spec.ts'
import { readJsonFile, writeJsonFile } from '../json-file.ts'

/** One instance on disk. It is written before its process starts and again once the process is known. */
export const InstanceRecord = z.object({
  id: z.string().regex(/^[a-z0-9-]+$/),
  spec: WorkloadSpec,
  /** Delivery commit it was started for. */
  commit: z.string(),
  /** Port of the container to port of this machine, for the current process. */
  ports: z.record(z.string(), z.int()),
  process: z.object({ pid: z.int(), started: z.string() }).optional(),
  startedAt: z.string(),
  restarts: z.int(),
  lastExit: z.string().optional(),
})
export type InstanceRecord = z.infer<typeof InstanceRecord>

/** What serves in a place: the version traffic goes to, and the commit it came from. */
export const LiveRecord = z.object({ spec: WorkloadSpec, commit: z.string() })
export type LiveRecord = z.infer<typeof LiveRecord>

export interface PlaceRecords {
  readonly service: string
  readonly environment: string
  readonly live: LiveRecord | undefined
  readonly instances: readonly InstanceRecord[]
}

/** The agent's memory of what it started: `<folder>/<environment>/<service>/{live,<instance>}.json`. */
export interface RecordStore {
  saveInstance(record: InstanceRecord): Promise<void>
  removeInstance(record: InstanceRecord): Promise<void>
  saveLive(live: LiveRecord): Promise<void>
  /** Forgets a place with everything in it. */
  removePlace(place: { service: string; environment: string }): Promise<void>
  readAll(): Promise<PlaceRecords[]>
}

export function recordStore(folder: string): RecordStore {
  const place = ({ service, environment }: { service: string; environment: string }) =>
    join(folder, environment, service)
  return {
    saveInstance: (record) => writeJsonFile(join(place(record.spec), `${record.id}.json`), record),
    removeInstance: (record) => rm(join(place(record.spec), `${record.id}.json`), { force: true }),
    saveLive: (live) => writeJsonFile(join(place(live.spec), 'live.json'), live),
    removePlace: (which) => rm(place(which), { recursive: true, force: true }),
    async readAll() {
      const all: PlaceRecords[] = []
      for (const environment of await names(folder))
        for (const service of await names(join(folder, environment)))
          all.push(await readPlace(place({ service, environment }), { service, environment }))
      return all
    },
  }
}

async function readPlace(path: string, which: { service: string; environment: string }): Promise<PlaceRecords> {
  const files = (await names(path)).filter((name) => name.endsWith('.json') && name !== 'live.json')
  const instances = await Promise.all(files.map((name) => readJsonFile(join(path, name), InstanceRecord)))
  const live = await readJsonFile(join(path, 'live.json'), LiveRecord)
  return { ...which, live, instances: instances.filter((record) => record !== undefined) }
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}
