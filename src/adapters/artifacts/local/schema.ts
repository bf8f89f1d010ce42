import { z } from 'zod'

const Descriptor = z.looseObject({ mediaType: z.string(), digest: z.string(), size: z.number() })

/** The parts of an image manifest that the store itself reads. */
export const Manifest = z.looseObject({
  schemaVersion: z.literal(2),
  artifactType: z.string().optional(),
  config: Descriptor,
  layers: z.array(Descriptor),
  subject: Descriptor.optional(),
})
export type Manifest = z.infer<typeof Manifest>

export const Entry = Descriptor.extend({
  artifactType: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
})
export type Entry = z.infer<typeof Entry>

/** `index.json` of an OCI image layout. */
export const Index = z.looseObject({ schemaVersion: z.literal(2), manifests: z.array(Entry) })
export type Index = z.infer<typeof Index>
