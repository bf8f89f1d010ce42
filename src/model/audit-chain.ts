import { z } from 'zod'
import { AuditRecord } from './audit.ts'
import { Instant, platformRepo } from './names.ts'

/** The branch of the platform repository that takes signed heads: main takes reviewed changes only, and a head waits for nobody. */
export const auditBranch = 'audit'
export const auditRepo = platformRepo

const Hash = z.string().regex(/^[0-9a-f]{64}$/)
const Signature = z.string().regex(/^[A-Za-z0-9+/=]{88}$/)

/**
 * One record at its place in the chain. Flat, and every value a text, a whole number or null, so that its canonical text
 * is plain JSON: times have six decimals, `detail` is the text PostgreSQL gives for it.
 */
export const AuditLink = z
  .strictObject({
    position: z.int().min(1).meta({ description: 'From 1, without a gap' }),
    previous: Hash.meta({ description: 'Hash of the link before; 64 zeros at position 1' }),
    linkedAt: z.string(),
    seq: z.int(),
    at: z.string(),
    actor: z.string(),
    onBehalfOf: z.string().nullable(),
    action: z.string(),
    object: z.string(),
    phase: AuditRecord.shape.phase,
    result: AuditRecord.shape.result.unwrap().nullable(),
    run: z.string().nullable(),
    commit: z.string().nullable(),
    detail: z.string(),
  })
  .meta({ id: 'AuditLink' })
export type AuditLink = z.infer<typeof AuditLink>

/** A link with the SHA-256 of its canonical text. */
export const HashedLink = z.object({ hash: Hash, link: AuditLink }).meta({ id: 'HashedLink' })
export type HashedLink = z.infer<typeof HashedLink>

/** Where the chain stood: everything up to `position` is fixed by `hash`. */
export const AuditHead = z
  .strictObject({
    position: z.int().min(1),
    hash: Hash,
    at: Instant,
    count: z.int().min(1).meta({ description: 'Links since the head before' }),
    key: Hash.meta({ description: 'Fingerprint of the key: SHA-256 of its public half as SubjectPublicKeyInfo' }),
  })
  .meta({ id: 'AuditHead' })
export type AuditHead = z.infer<typeof AuditHead>

/** A head with the Ed25519 signature of its canonical text, in base64. */
export const SignedHead = z.object({ signature: Signature, head: AuditHead }).meta({ id: 'SignedHead' })
export type SignedHead = z.infer<typeof SignedHead>

/** Something that does not fit, and where. */
export const AuditProblem = z.object({
  position: z.int().optional().meta({ description: 'Place in the chain' }),
  seq: z.int().optional().meta({ description: 'Number of the record' }),
  message: z.string(),
})
export type AuditProblem = z.infer<typeof AuditProblem>

/** An effect that was announced and whose end nobody wrote down. */
export const OpenIntent = z.object({
  seq: z.int(),
  at: z.string(),
  run: z.string().nullable(),
  action: z.string(),
  object: z.string(),
  state: z.enum(['going', 'repeated', 'died']).optional().meta({
    description: 'going: its run goes on; repeated: a later intent did it again; died: the run ended without it',
  }),
})
export type OpenIntent = z.infer<typeof OpenIntent>

export const AuditReport = z
  .object({
    ok: z.boolean(),
    rows: z.int(),
    position: z.int().meta({ description: 'Last place of the chain' }),
    hash: z.string(),
    heads: z.int(),
    signed: z.int().meta({ description: 'Last place that a head covers' }),
    keys: z.array(z.string()).meta({ description: 'Fingerprints of the keys that were trusted' }),
    problems: z.array(AuditProblem).meta({ description: 'The first hundred' }),
    intents: z.array(OpenIntent).meta({ description: 'The first hundred intents without outcome' }),
  })
  .meta({ id: 'AuditReport' })
export type AuditReport = z.infer<typeof AuditReport>

/** Where the chain stands, and what a check last said of it; read at once, without following the chain. */
export const AuditState = z
  .object({
    position: z.int().meta({ description: 'Last place of the chain' }),
    linkedAt: Instant.optional(),
    waiting: z.int().meta({ description: 'Records that no link names yet: those of the last moment' }),
    head: AuditHead.optional().meta({ description: 'The newest signed head' }),
    heads: z.int(),
    verified: z
      .object({ at: Instant, ok: z.boolean(), position: z.int(), problems: z.int() })
      .optional()
      .meta({ description: 'The last check since this process started' }),
  })
  .meta({ id: 'AuditState' })
export type AuditState = z.infer<typeof AuditState>
