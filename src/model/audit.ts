import { z } from 'zod'
import { Instant } from './names.ts'

/** One act. A change in our database shares its transaction; an effect outside has an intent row before it and an outcome row after it. */
export const AuditRecord = z
  .object({
    seq: z.int(),
    at: Instant,
    actor: z.string(),
    onBehalfOf: z.string().optional(),
    action: z.string(),
    object: z.string(),
    phase: z.enum(['act', 'intent', 'outcome']),
    result: z.enum(['ok', 'refused', 'failed']).optional(),
    run: z.string().optional(),
    commit: z.string().optional(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditRecord' })
export type AuditRecord = z.infer<typeof AuditRecord>
