import { z } from 'zod'
import { DriftKind } from './drift.ts'
import { Packaging } from './entity.ts'
import { Commit, Digest, Instant, Name } from './names.ts'

/**
 * Git against live. `drifted`: there is drift (model/drift.ts). `failed`: the rollout of what Git wants failed, what ran
 * before runs on. `unknown` when the source cannot be asked, never `synced`.
 */
export const Sync = z.enum(['synced', 'progressing', 'drifted', 'failed', 'unknown', 'absent'])
export type Sync = z.infer<typeof Sync>
export const Health = z.enum(['healthy', 'progressing', 'degraded', 'unknown', 'absent'])
export type Health = z.infer<typeof Health>

/** A release in an environment: one commit of the delivery repository that touched the folder, with what came of it. */
export const Deployment = z
  .object({
    service: Name,
    environment: Name,
    commit: Commit,
    kind: z.enum(['release', 'promotion', 'rollback', 'change']),
    version: z.string(),
    sourceCommit: z.string(),
    digest: Digest,
    requestedBy: z.string(),
    approvedBy: z.array(z.string()),
    run: z.string().optional(),
    change: z.string().optional(),
    reverts: z.string().optional(),
    verdict: z.string().optional(),
    at: Instant,
    /** True: the commit does not carry the platform's signature, nobody approved it here. */
    pastPlatform: z.boolean().optional(),
    /** True for the newest commit of the folder. */
    current: z.boolean(),
    outcome: z.enum(['healthy', 'failed', 'progressing', 'unknown']),
    outcomeReason: z.string().optional(),
  })
  .meta({ id: 'Deployment' })
export type Deployment = z.infer<typeof Deployment>

export const ServiceInEnvironment = z
  .object({
    name: Name,
    url: z.string().optional(),
    sync: Sync,
    health: Health,
    /** One sentence when not healthy or not synced. */
    reason: z.string().optional(),
    release: z.object({ version: z.string(), commit: z.string(), digest: z.string() }).optional(),
    replicas: z.object({ ready: z.int(), desired: z.int() }).optional(),
    /** The newest drift there, while one is open. */
    drift: z.object({ id: z.string(), kind: DriftKind, summary: z.string(), since: Instant }).optional(),
    deployedAt: Instant.optional(),
    deployedBy: z.string().optional(),
    readAt: Instant,
  })
  .meta({ id: 'ServiceInEnvironment' })
export type ServiceInEnvironment = z.infer<typeof ServiceInEnvironment>

/** `fairway status NAME --json`: a contract for scripts. */
export const ServiceStatus = z
  .object({ service: Name, owner: Name, packaging: Packaging, environments: z.array(ServiceInEnvironment) })
  .meta({ id: 'ServiceStatus' })
export type ServiceStatus = z.infer<typeof ServiceStatus>

/** What the runtime says of one object of an environment. */
export const LiveResource = z
  .object({
    kind: z.string(),
    name: z.string(),
    health: Health,
    enforced: z.boolean(),
    /** Why the object is not enforced here, or what is wrong with it. */
    note: z.string().optional(),
    instances: z
      .array(
        z.object({
          id: z.string(),
          state: z.enum(['starting', 'ready', 'not-ready', 'crashed', 'stopping']),
          version: z.string(),
          startedAt: Instant,
          restarts: z.int(),
          lastExit: z.string().optional(),
        }),
      )
      .default([]),
  })
  .meta({ id: 'LiveResource' })
export type LiveResource = z.infer<typeof LiveResource>

export const RuntimeEvent = z
  .object({
    at: Instant,
    level: z.enum(['info', 'warn', 'error']),
    reason: z.string(),
    message: z.string(),
    service: z.string().optional(),
    commit: z.string().optional(),
  })
  .meta({ id: 'RuntimeEvent' })
export type RuntimeEvent = z.infer<typeof RuntimeEvent>
