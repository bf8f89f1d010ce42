import type { ChildProcess } from 'node:child_process'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Confined, confine } from '#lib/isolation.ts'
import { type ProcessRef, startGroup, stopGroup } from '#lib/process-group.ts'
import { workloadToken } from '#lib/workload-token.ts'
import type { WorkloadSpec } from '../desired/workload-spec.ts'
import { placeKey } from '../events.ts'
import { registerLogs } from '../logs/log-shipper.ts'
import type { Runtime } from '../runtime.ts'
import { verifySignature } from '#lib/supply-chain/verify-image.ts'
import { secretFileMounts, writeSecretFiles } from '../secrets/secret-folder.ts'
import { unpackImage } from '../unpack-image.ts'
import { setAsideBroken } from '../workload-folders.ts'
import { commandOf } from './command.ts'
import { freePort } from '#lib/free-port.ts'
import { type LogEnds, outputEnds } from './last-words.ts'
import { logFiles } from './log-files.ts'
import type { InstanceRecord } from './record.ts'
import { prepareRoot } from './root.ts'
import { workloadEnvironment } from './workload-environment.ts'

/** The process of an instance, ready to be watched. Adopted ones have no child: another agent started them. */
export interface RunningProcess {
  readonly ref: ProcessRef
  readonly child?: ChildProcess
  /** Where its own output begins; a process may have said all and ended before anybody watches. */
  readonly outputFrom?: LogEnds
}

/** Unpacks what a version needs and names its command. Throws what would fail at every start. */
export async function prepareWorkload(runtime: Runtime, spec: WorkloadSpec, exec?: readonly string[]) {
  const folder = await runtime.work.sharedFolder('images')
  const artifacts = await runtime.artifacts()
  await requireSignature(runtime, spec.image)
  const image = await unpackImage({ artifacts, folder, image: spec.image })
  const root = await prepareRoot(runtime, { image, spec })
  for (const folder of new Set([image.root, root.path])) await runtime.seals.seal(folder)
  return { image, root, argv: commandOf({ spec, image, root, node: runtime.toolchain.node, exec }) }
}

/** Asked before every start, also of what ran before: an image that nobody trusted vouches for is not started. */
async function requireSignature(runtime: Runtime, { name, digest }: WorkloadSpec['image']): Promise<void> {
  const store = await runtime.artifacts()
  const keys = runtime.source()?.imageKeys ?? []
  const image = { repository: name, digest }
  await verifySignature({ store, image, name: `${store.registry}/${name}`, keys })
}

/** A confined command with everything a workload may see: its image, its own folder, its manifest's variables. */
export async function confinedWorkload(
  runtime: Runtime,
  record: InstanceRecord,
  exec?: readonly string[],
): Promise<Confined> {
  const { isolation, toolchain, work } = runtime
  const name = placeKey(record.spec)
  const { image, root, argv } = await prepareWorkload(runtime, record.spec, exec)
  const own = await work.ownedFolder(ownFolder(record), name)
  const env = await workloadEnvironment(runtime, { record, image, own, token: tokenOf(runtime, record) })
  const { cwd } = root
  const mounts = [...root.mounts, ...(await secretFileMounts(runtime, record))]
  const readable = [...toolchain.readable, root.path]
  return confine(isolation, { argv, cwd, env, writable: [own], readable, mounts, network: true, as: name })
}

/** Starts the process of an instance. The record is on disk before it exists, and again with its pid right after. */
export async function launch(runtime: Runtime, record: InstanceRecord): Promise<[RunningProcess, InstanceRecord]> {
  const ports = await Promise.all(record.spec.ports.map(async (port) => [String(port), await freePort()] as const))
  const { process: _ended, ...rest } = record
  const intent = { ...rest, ports: Object.fromEntries(ports), startedAt: new Date().toISOString() }
  await runtime.records.saveInstance(intent)
  await setAsideBroken(runtime, intent.spec) // nothing starts from files that somebody edited
  await writeSecretFiles(runtime, intent)
  const confined = await confinedWorkload(runtime, intent)
  const [stdout, stderr] = await openLogs(runtime, intent)
  try {
    const outputFrom = await outputEnds(logFiles(runtime.logs, intent))
    const { child, ref } = await startGroup(confined, ['ignore', stdout.fd, stderr.fd])
    const started = { ...intent, process: ref }
    child.unref()
    // A process that is not on record would be started a second time.
    await runtime.records.saveInstance(started).catch(async (error: unknown) => {
      await stopGroup(ref, { graceMs: 0 })
      throw error
    })
    return [{ ref, child, outputFrom }, started]
  } finally {
    await Promise.all([stdout.close(), stderr.close()])
  }
}

/** The only folder a workload may write: its HOME and TMPDIR. */
export function ownFolder({ id, spec }: InstanceRecord): string {
  return `instances/${spec.environment}/${spec.service}/${id}`
}

// The agent's own files, open for appending: the workload goes on writing when the agent is gone.
async function openLogs(runtime: Runtime, record: InstanceRecord) {
  const { stdout, stderr } = logFiles(runtime.logs, record)
  await mkdir(dirname(stdout), { recursive: true, mode: 0o700 })
  await registerLogs(runtime.logs, { ...record.spec, instance: record.id })
  return Promise.all([open(stdout, 'a', 0o600), open(stderr, 'a', 0o600)])
}

function tokenOf(runtime: Runtime, { spec }: InstanceRecord): string | undefined {
  const otlp = runtime.source()?.otlp
  return otlp && workloadToken(otlp.secret, spec)
}
