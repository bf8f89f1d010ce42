import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'

export const Descriptor = z.looseObject({ mediaType: z.string(), digest: z.string(), size: z.number() })

/** The parts of an image manifest that a store itself reads. */
export const Manifest = z.looseObject({
  schemaVersion: z.literal(2),
  artifactType: z.string().optional(),
  config: Descriptor,
  layers: z.array(Descriptor),
  subject: Descriptor.optional(),
})
export type Manifest = z.infer<typeof Manifest>

/** IMAGE_INVALID when the bytes are no OCI image manifest. */
export function parseManifest(bytes: Uint8Array): Manifest {
  try {
    return Manifest.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch (cause) {
    throw new PlatformError('IMAGE_INVALID', 'the manifest is not an OCI image manifest', { cause })
  }
}
