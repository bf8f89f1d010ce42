import { z } from 'zod'

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
  observedGeneration: z.int().optional(),
})
export type Condition = z.infer<typeof Condition>

const metadata = z.object({
  name: z.string(),
  generation: z.int().default(0),
  annotations: z.record(z.string(), z.string()).default({}),
  deletionTimestamp: z.string().optional(),
})

const words = {
  /** Below the object's generation: what is said is of an older one. */
  observedGeneration: z.int().default(-1),
  conditions: z.array(Condition).default([]),
  lastHandledReconcileAt: z.string().optional(),
}

/** Only the fields that are read. Everything of a status is optional: the controller writes them one by one. */
export const Source = z.object({
  metadata,
  spec: z.object({ suspend: z.boolean().default(false) }),
  status: z
    .object({ ...words, artifact: z.object({ revision: z.string(), lastUpdateTime: z.string() }).optional() })
    .prefault({}),
})
export type Source = z.infer<typeof Source>

export const Kustomization = z.object({
  metadata,
  spec: z.object({ suspend: z.boolean().default(false), targetNamespace: z.string().default('') }),
  status: z
    .object({
      ...words,
      lastAppliedRevision: z.string().default(''),
      lastAttemptedRevision: z.string().default(''),
      inventory: z.object({ entries: z.array(z.object({ id: z.string() })).default([]) }).prefault({}),
      /** Newest first; kept by kustomize-controller 1.7 and newer. */
      history: z.array(z.object({ lastReconciled: z.string() })).default([]),
    })
    .prefault({}),
})
export type Kustomization = z.infer<typeof Kustomization>

/** A condition that holds now, of the object as it is now. */
export function conditionOf(
  { metadata: { generation }, status }: Source | Kustomization,
  type: string,
): Condition | undefined {
  const found = status.conditions.find((one) => one.type === type)
  return found && (found.observedGeneration ?? status.observedGeneration) >= generation ? found : undefined
}

/** The commit of `main@sha1:<commit>`. */
export function commitOf(revision: string): string | undefined {
  return /(?:^|[@:/])([0-9a-f]{40})$/.exec(revision)?.[1]
}
