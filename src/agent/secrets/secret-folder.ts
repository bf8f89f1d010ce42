import { createHash } from 'node:crypto'
import { access, chmod, chown, constants, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { identityFor } from '#lib/isolation.ts'
import { placeKey } from '../events.ts'
import type { InstanceRecord } from '../instance/record.ts'
import type { Runtime } from '../runtime.ts'

type Parts = Pick<Runtime, 'isolation' | 'work' | 'secrets'>
type Mount = { readonly from: string; readonly to: string }

/** Writes an instance's secret files for its user alone, in memory where the system has that, before its process starts. */
export async function writeSecretFiles(runtime: Parts, record: InstanceRecord): Promise<void> {
  const { spec } = record
  if (spec.secretFiles.length === 0) return
  const values = await runtime.secrets.valuesOf(spec)
  const { uid, gid } = identityFor(runtime.isolation, placeKey(spec))
  const folder = await folderOf(runtime, record)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o711 })
  await chmod(folder, 0o700)
  for (const [index, { secret, mode }] of spec.secretFiles.entries()) {
    const path = join(folder, String(index))
    await writeFile(path, values.get(secret) ?? '', { mode: 0o600, flag: 'wx' })
    await chmod(path, mode & 0o700)
    if (uid !== undefined && gid !== undefined) await chown(path, uid, gid)
  }
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid)
}

/** Where the sandbox shows them. */
export async function secretFileMounts(runtime: Parts, record: InstanceRecord): Promise<Mount[]> {
  if (record.spec.secretFiles.length === 0) return []
  const folder = await folderOf(runtime, record)
  return record.spec.secretFiles.map(({ path }, index) => ({ from: join(folder, String(index)), to: path }))
}

export async function removeSecretFiles(runtime: Parts, record: InstanceRecord): Promise<void> {
  if (record.spec.secretFiles.length > 0) await rm(await folderOf(runtime, record), { recursive: true, force: true })
}

/** What an agent that was killed left of instances that are no more. */
export async function removeSecretFilesBut(runtime: Parts, instances: ReadonlySet<string>): Promise<void> {
  const base = await baseOf(runtime)
  for (const name of await readdir(base).catch(() => []))
    if (!instances.has(name)) await rm(join(base, name), { recursive: true, force: true })
}

async function folderOf(runtime: Parts, { id }: InstanceRecord): Promise<string> {
  return join(await baseOf(runtime), id)
}

const memory = '/dev/shm'

// Others may pass through it to what is theirs and see nothing.
async function baseOf({ work }: Parts): Promise<string> {
  const hash = createHash('sha256').update(work.path).digest('hex').slice(0, 16)
  const inMemory = await access(memory, constants.W_OK).then(
    () => true,
    () => false,
  )
  const base = inMemory ? join(memory, `fairway-${process.getuid?.() ?? 0}-${hash}`) : join(work.path, 'secrets')
  await mkdir(base, { recursive: true, mode: 0o711 })
  await chmod(base, 0o711) // fails when somebody else made it, and then nothing is written there
  return base
}
