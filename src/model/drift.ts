import { z } from 'zod'
import { Instant } from './names.ts'

/** One field that is not as it should be. Values of secrets, and of files on disk, are never in it. */
export const FieldDifference = z
  .object({
    /** As `Deployment/shop spec.replicas`, `release.yaml`, `file app/server.js`. */
    field: z.string(),
    /** Absent: it should not be there. */
    wanted: z.string().optional(),
    /** Absent: it is not there. */
    live: z.string().optional(),
  })
  .meta({ id: 'FieldDifference' })
export type FieldDifference = z.infer<typeof FieldDifference>

/** `git`: the delivery repository changed past the platform, and the runtime follows it. `runtime`: what runs differs from Git. */
export const DriftKind = z.enum(['git', 'runtime'])
export type DriftKind = z.infer<typeof DriftKind>

export const DriftCause = z.object({
  what: z.string(),
  /** Who the commit says its author is. It is the commit's word: nobody signed in for it. */
  author: z.string().optional(),
  commit: z.string().optional(),
  at: Instant.optional(),
})
export type DriftCause = z.infer<typeof DriftCause>

/** Any difference between what was approved and what is. Found within seconds, closed when it is gone. */
export const Drift = z
  .object({
    id: z.string(),
    kind: DriftKind,
    /** The folder in the delivery repository. */
    path: z.string(),
    /** Undefined: the folder belongs to no service of an environment. */
    service: z.string().optional(),
    environment: z.string().optional(),
    owner: z.string().optional(),
    summary: z.string(),
    fields: z.array(FieldDifference),
    cause: DriftCause.optional(),
    since: Instant,
    /** The newest run that was asked to settle it. */
    run: z.string().optional(),
    resolvedAt: Instant.optional(),
    resolution: z.enum(['reverted', 'adopted', 'gone']).optional(),
    /** What may be done about it and why not. The same answer the act itself would give. */
    revert: z.object({ can: z.boolean(), reason: z.string().optional() }),
    adopt: z.object({ can: z.boolean(), reason: z.string().optional() }),
  })
  .meta({ id: 'Drift' })
export type Drift = z.infer<typeof Drift>

/** What settling a drift would do, step by step. */
export const DriftPlan = z
  .object({
    drift: Drift,
    act: z.enum(['revert', 'adopt']),
    effects: z.array(z.object({ step: z.string(), title: z.string(), effect: z.string() })),
    approval: z.string(),
  })
  .meta({ id: 'DriftPlan' })
export type DriftPlan = z.infer<typeof DriftPlan>

/** Fields beyond so many are not kept. */
export const mostFields = 50
