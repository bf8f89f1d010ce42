import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { workloadToken } from '#lib/workload-token.ts'
import { readJsonFile, writeJsonFile } from '../json-file.ts'
import type { AgentSource } from '../source.ts'
import { readTail, rotate } from './file-tail.ts'
import { logRecord, type OutputLine } from './log-record.ts'
import { sendLogs } from './send-logs.ts'

/** Whose output files they are. */
export interface LogOwner {
  readonly instance: string
  readonly service: string
  readonly environment: string
  readonly owner: string
  readonly version: string
}

export interface LogShipper {
  /** Ships everything there is, once; called again and again. */
  round(): Promise<void>
  /** Lines that could not be kept or delivered since the start. */
  readonly dropped: number
}

export interface LogShipperOptions {
  /** `<folder>/<environment>/<service>/<instance>.{out,err}`. */
  readonly folder: string
  readonly source: () => AgentSource | undefined
  /** Instances that still run; files of others are shipped to their end and removed. */
  readonly isRunning: (instance: string) => boolean
  readonly rotateBytes?: number
}

const Position = z.object({ stdout: z.number(), stderr: z.number(), owner: z.string(), version: z.string() })
type Position = z.infer<typeof Position>
const streams = [
  ['stdout', 'out'],
  ['stderr', 'err'],
] as const

/**
 * Ships output files as OTLP logs, each with its workload's token. The files are the buffer: what cannot be delivered
 * stays there until the file is full, so memory never holds more than one batch. After a crash of the agent the last
 * batch may come twice; none is skipped.
 */
export function logShipper({ folder, source, isRunning, rotateBytes = 10_000_000 }: LogShipperOptions): LogShipper {
  let dropped = 0
  const backoff = new Map<string, { until: number; failures: number }>()
  const shipFiles = async (owner: LogOwner, position: Position): Promise<void> => {
    const base = join(folder, owner.environment, owner.service, owner.instance)
    const final = !isRunning(owner.instance)
    let { stdout, stderr } = position
    for (let more = true; more && performance.now() >= (backoff.get(owner.instance)?.until ?? 0); ) {
      const chunks = { stdout: readTail(`${base}.out`, stdout, final), stderr: readTail(`${base}.err`, stderr, final) }
      const readAt = Date.now()
      const lines = streams.flatMap(([stream]) => chunks[stream].lines.map((text) => ({ text, stream, readAt })))
      more = chunks.stdout.end !== stdout || chunks.stderr.end !== stderr
      if (lines.length > 0 && !(await deliver(owner, lines))) break
      stdout = chunks.stdout.end
      stderr = chunks.stderr.end
      if (more) await writeJsonFile(`${base}.pos`, { ...position, stdout, stderr })
      if (!more && final) {
        backoff.delete(owner.instance)
        return removeFiles(base)
      }
    }
    for (const [stream, suffix] of streams) {
      const rotated = rotate(`${base}.${suffix}`, { offset: stream === 'stdout' ? stdout : stderr, limit: rotateBytes })
      if (!rotated) continue
      dropped += rotated.lost
      if (stream === 'stdout') stdout = 0
      else stderr = 0
      await writeJsonFile(`${base}.pos`, { ...position, stdout, stderr })
    }
  }
  const deliver = async (owner: LogOwner, lines: readonly OutputLine[]): Promise<boolean> => {
    const otlp = source()?.otlp
    if (!otlp) return false
    const result = await sendLogs(otlp.endpoint, {
      token: workloadToken(otlp.secret, owner),
      owner,
      records: lines.map(logRecord),
    })
    if (result === 'later') {
      const failures = (backoff.get(owner.instance)?.failures ?? 0) + 1
      backoff.set(owner.instance, { failures, until: performance.now() + Math.min(250 * 2 ** failures, 15_000) })
      return false
    }
    backoff.delete(owner.instance)
    if (result === 'refused') dropped += lines.length
    return true
  }
  return {
    get dropped() {
      return dropped
    },
    async round() {
      for (const { path, ...place } of await positions(folder)) {
        const position = await readJsonFile(path, Position)
        if (position) await shipFiles({ ...place, owner: position.owner, version: position.version }, position)
      }
    },
  }
}

/** Says whose output an instance's files hold; without it nobody ships them. */
export async function registerLogs(
  folder: string,
  { instance, service, environment, owner, version }: LogOwner,
): Promise<void> {
  const path = join(folder, environment, service, `${instance}.pos`)
  const known = await readJsonFile(path, Position)
  await writeJsonFile(path, { stdout: 0, stderr: 0, ...known, owner, version })
}

async function positions(folder: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.pos'))
    .map((entry) => {
      const [environment = '', service = ''] = entry.parentPath.slice(folder.length + 1).split('/')
      return { path: join(entry.parentPath, entry.name), environment, service, instance: entry.name.slice(0, -4) }
    })
}

async function removeFiles(base: string): Promise<void> {
  for (const suffix of ['out', 'err', 'out.1', 'err.1', 'pos']) await rm(`${base}.${suffix}`, { force: true })
}
