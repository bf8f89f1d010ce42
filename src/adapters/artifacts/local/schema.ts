import { z } from 'zod'
import { Descriptor } from '#lib/oci/manifest.ts'

export const Entry = Descriptor.extend({
  artifactType: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
})
export type Entry = z.infer<typeof Entry>

/** `index.json` of an OCI image layout. */
export const Index = z.looseObject({ schemaVersion: z.literal(2), manifests: z.array(Entry) })
export type Index = z.infer<typeof Index>
