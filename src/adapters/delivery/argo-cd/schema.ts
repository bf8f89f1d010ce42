import { z } from 'zod'

const Condition = z.object({ type: z.string(), message: z.string().default('') })

const ResourceResult = z.object({
  kind: z.string().default(''),
  name: z.string().default(''),
  status: z.string().default(''),
  message: z.string().default(''),
})

/** Only the fields that are read. Everything is optional: the controller writes them one by one. */
export const Application = z.object({
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z.object({ destination: z.object({ namespace: z.string().default('') }).prefault({}) }),
  status: z
    .object({
      reconciledAt: z.string().optional(),
      sync: z.object({ status: z.string().default('Unknown'), revision: z.string().default('') }).prefault({}),
      health: z.object({ status: z.string().default('Unknown'), message: z.string().default('') }).prefault({}),
      conditions: z.array(Condition).default([]),
      /** Oldest first. */
      history: z.array(z.object({ id: z.int(), revision: z.string().default(''), deployedAt: z.string() })).default([]),
      operationState: z
        .object({
          phase: z.string(),
          message: z.string().default(''),
          startedAt: z.string().default(''),
          finishedAt: z.string().optional(),
          operation: z.object({ sync: z.object({ revision: z.string().default('') }).prefault({}) }).prefault({}),
          syncResult: z
            .object({ revision: z.string().default(''), resources: z.array(ResourceResult).nullish() })
            .optional(),
        })
        .optional(),
      resources: z
        .array(
          z.object({
            group: z.string().default(''),
            version: z.string().default('v1'),
            kind: z.string(),
            namespace: z.string().default(''),
            name: z.string(),
            status: z.string().default(''),
          }),
        )
        .default([]),
    })
    .prefault({}),
})
export type Application = z.infer<typeof Application>
