import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Sealer, sealer } from '#lib/seal.ts'
import { readJsonFile, writeJsonFile } from '../json-file.ts'
import type { PlaceName } from '../events.ts'

export interface KeptValue {
  readonly name: string
  readonly version: number
  readonly value: string
}

const KeyFile = z.object({ key: z.string() })
const Boxes = z.array(
  z.object({ name: z.string(), version: z.int(), keyId: z.string(), nonce: z.string(), box: z.string() }),
)

/** The agent's own copy of values, sealed under a key of its own: what lets it restart workloads while the control plane is dead. */
export interface SealedValues {
  read(place: PlaceName): Promise<KeptValue[]>
  write(place: PlaceName, values: readonly KeptValue[]): Promise<void>
  remove(place: PlaceName): Promise<void>
}

export async function sealedValues(folder: string): Promise<SealedValues> {
  const seals = sealer(await ownKey(join(folder, 'sealing-key.json')))
  const path = ({ environment, service }: PlaceName) => join(folder, environment, `${service}.json`)
  return {
    async read(place) {
      const boxes = (await readJsonFile(path(place), Boxes)) ?? []
      return boxes.flatMap((box) => opened(seals, place, box))
    },
    async write(place, values) {
      const boxes = values.map(({ name, version, value }) => {
        const { keyId, nonce, box } = seals.seal(value, contextOf(place, { name, version }))
        return { name, version, keyId, nonce: nonce.toString('base64'), box: box.toString('base64') }
      })
      await writeJsonFile(path(place), boxes)
    },
    remove: (place) => rm(path(place), { force: true }),
  }
}

// A copy that does not open is as good as none: the control plane has the original.
function opened(seals: Sealer, place: PlaceName, { name, version, keyId, nonce, box }: z.infer<typeof Boxes>[number]) {
  try {
    const sealed = { keyId, nonce: Buffer.from(nonce, 'base64'), box: Buffer.from(box, 'base64') }
    return [{ name, version, value: seals.open(sealed, contextOf(place, { name, version })) }]
  } catch {
    return []
  }
}

function contextOf({ environment, service }: PlaceName, { name, version }: { name: string; version: number }) {
  return [environment, service, name, version] as const
}

async function ownKey(path: string): Promise<string> {
  const known = await readJsonFile(path, KeyFile)
  if (known) return known.key
  const key = randomBytes(32).toString('base64url')
  await writeJsonFile(path, { key })
  return key
}
