import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { SecretMask } from '#lib/mask-secrets.ts'
import { workloadToken } from '#lib/workload-token.ts'
import { readJsonFile, writeJsonFile } from '../json-file.ts'
import type { AgentSource } from '../source.ts'
import { fileSize, readTail, rotate } from './file-tail.ts'
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
  /** What covers the secrets of a place, in the files and in what is shipped. */
  readonly maskOf?: (place: Pick<LogOwner, 'service' | 'environment'>) => Promise<SecretMask | undefined>
}

const Position = z.object({ stdout: z.number(), stderr: z.number(), owner: z.string(), version: z.string() })
const streams = [
  ['stdout', 'out'],
  ['stderr', 'err'],
] as const

/**
 * Ships output files as OTLP logs, each with its workload's token. The files are the buffer: what cannot be delivered
 * stays there until the file is full, so memory never holds more than one batch of each instance. After a crash of the
 * agent the last batch may come twice; none is skipped.
 */
export function logShipper(options: LogShipperOptions): LogShipper {
  const { folder, isRunning, rotateBytes = 10_000_000, maskOf } = options
  const known = new Map<string, OutputFiles>()
  let dropped = 0
  const oneRound = async (files: OutputFiles): Promise<void> => {
    const final = !isRunning(files.owner.instance)
    const mask = await maskOf?.(files.owner)
    const moved = await shipBatch(files, { source: options.source(), final, mask })
    dropped += files.refused
    files.refused = 0
    if (final && isDelivered(files)) {
      known.delete(files.base)
      return removeFiles(files.base)
    }
    const lost = rotateFull(files, rotateBytes, mask)
    dropped += lost ?? 0
    if (moved || lost !== undefined) await savePosition(files)
  }
  return {
    get dropped() {
      return dropped
    },
    async round() {
      for (const place of await registered(folder)) {
        const files = known.has(place.base) ? undefined : await openFiles(place)
        if (files) known.set(place.base, files)
      }
      await Promise.all([...known.values()].map(oneRound))
    },
  }
}

interface OutputFiles {
  readonly base: string
  readonly owner: LogOwner
  /** How far each file was delivered. */
  stdout: number
  stderr: number
  /** Set while nobody takes lines: not before this time. */
  retryAt: number
  failures: number
  refused: number
}

function isDelivered({ base, stdout, stderr }: OutputFiles): boolean {
  return fileSize(`${base}.out`) === stdout && fileSize(`${base}.err`) === stderr
}

/** Whether lines were delivered: at most one batch, so that a talkative workload holds up no other. */
async function shipBatch(
  files: OutputFiles,
  { source, final, mask }: { source: AgentSource | undefined; final: boolean; mask: SecretMask | undefined },
): Promise<boolean> {
  const { base, stdout, stderr } = files
  if (isDelivered(files) || performance.now() < files.retryAt) return false
  const chunks = {
    stdout: readTail(`${base}.out`, stdout, { final, mask }),
    stderr: readTail(`${base}.err`, stderr, { final, mask }),
  }
  const readAt = Date.now()
  const lines = streams.flatMap(([stream]) => chunks[stream].lines.map((text) => ({ text, stream, readAt })))
  if (chunks.stdout.end === stdout && chunks.stderr.end === stderr) return false
  if (lines.length > 0 && !(await deliver(files, source?.otlp, lines))) return false
  files.stdout = chunks.stdout.end
  files.stderr = chunks.stderr.end
  return true
}

async function deliver(files: OutputFiles, otlp: AgentSource['otlp'], lines: readonly OutputLine[]): Promise<boolean> {
  if (!otlp) return false
  const { owner } = files
  const token = workloadToken(otlp.secret, owner)
  const result = await sendLogs(otlp.endpoint, { token, owner, records: lines.map(logRecord) })
  files.failures = result === 'later' ? files.failures + 1 : 0
  if (result === 'later') files.retryAt = performance.now() + Math.min(250 * 2 ** files.failures, 15_000)
  if (result === 'refused') files.refused += lines.length
  return result !== 'later'
}

/** Lines lost by cutting files that are full; undefined when none was. */
function rotateFull(files: OutputFiles, limit: number, mask: SecretMask | undefined): number | undefined {
  let lost: number | undefined
  for (const [stream, suffix] of streams) {
    const path = `${files.base}.${suffix}`
    if (fileSize(path) <= limit) continue
    lost = (lost ?? 0) + rotate(path, files[stream], mask)
    files[stream] = 0
  }
  return lost
}

async function openFiles({ base, ...place }: { base: string } & PlaceOfFiles): Promise<OutputFiles | undefined> {
  const position = await readJsonFile(`${base}.pos`, Position)
  if (!position) return undefined
  const { stdout, stderr, owner, version } = position
  return { base, owner: { ...place, owner, version }, stdout, stderr, retryAt: 0, failures: 0, refused: 0 }
}

async function savePosition({ base, owner, stdout, stderr }: OutputFiles): Promise<void> {
  await writeJsonFile(`${base}.pos`, { stdout, stderr, owner: owner.owner, version: owner.version })
}

/** Says whose output an instance's files hold; without it nobody ships them. */
export async function registerLogs(
  folder: string,
  { instance, service, environment, owner, version }: LogOwner,
): Promise<void> {
  const path = join(folder, environment, service, `${instance}.pos`)
  if (await readJsonFile(path, Position)) return // a restart: the shipper knows better how far it is
  await writeJsonFile(path, { stdout: 0, stderr: 0, owner, version })
}

type PlaceOfFiles = Pick<LogOwner, 'environment' | 'service' | 'instance'>

async function registered(folder: string): Promise<({ base: string } & PlaceOfFiles)[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.pos'))
    .map((entry) => {
      const [environment = '', service = ''] = entry.parentPath.slice(folder.length + 1).split('/')
      const instance = entry.name.slice(0, -4)
      return { base: join(entry.parentPath, instance), environment, service, instance }
    })
}

async function removeFiles(base: string): Promise<void> {
  for (const suffix of ['out', 'err', 'out.1', 'err.1', 'pos']) await rm(`${base}.${suffix}`, { force: true })
}
