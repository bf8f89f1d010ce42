import { z } from 'zod'

const Metadata = z.object({
  name: z.string(),
  namespace: z.string().default(''),
  uid: z.string(),
  generation: z.int().default(0),
  creationTimestamp: z.string().default(''),
  deletionTimestamp: z.string().optional(),
  annotations: z.record(z.string(), z.string()).default({}),
  labels: z.record(z.string(), z.string()).default({}),
  ownerReferences: z.array(z.object({ uid: z.string() })).default([]),
})

const Conditions = z
  .array(
    z.object({
      type: z.string(),
      status: z.string(),
      reason: z.string().default(''),
      message: z.string().default(''),
      lastTransitionTime: z.string().default(''),
    }),
  )
  .default([])

const Container = z.object({
  name: z.string(),
  image: z.string().default(''),
  env: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]),
  readinessProbe: z
    .object({ httpGet: z.object({ path: z.string().default('/'), port: z.union([z.int(), z.string()]) }).optional() })
    .optional(),
})
const Template = z.object({ spec: z.object({ containers: z.array(Container) }) })

/** Only the fields that are read. */
export const Deployment = z.object({
  metadata: Metadata,
  spec: z.object({
    replicas: z.int().default(1),
    progressDeadlineSeconds: z.int().default(600),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()).optional() }),
    template: Template,
  }),
  status: z
    .object({
      observedGeneration: z.int().default(0),
      replicas: z.int().default(0),
      updatedReplicas: z.int().default(0),
      readyReplicas: z.int().default(0),
      conditions: Conditions,
    })
    .prefault({}),
})
export type Deployment = z.infer<typeof Deployment>

export const ReplicaSet = z.object({
  metadata: Metadata,
  spec: z.object({ template: Template }),
  status: z.object({ readyReplicas: z.int().default(0) }).prefault({}),
})
export type ReplicaSet = z.infer<typeof ReplicaSet>

const ContainerState = z
  .object({
    waiting: z.object({ reason: z.string().default(''), message: z.string().default('') }).optional(),
    running: z.object({ startedAt: z.string().optional() }).optional(),
    terminated: z
      .object({
        exitCode: z.int(),
        signal: z.int().optional(),
        reason: z.string().default(''),
        finishedAt: z.string().optional(),
      })
      .optional(),
  })
  .default({})

export const Pod = z.object({
  metadata: Metadata,
  spec: z.object({ containers: z.array(Container) }),
  status: z
    .object({
      phase: z.string().default(''),
      startTime: z.string().optional(),
      conditions: Conditions,
      containerStatuses: z
        .array(
          z.object({
            name: z.string(),
            ready: z.boolean(),
            restartCount: z.int(),
            state: ContainerState,
            lastState: ContainerState,
          }),
        )
        .default([]),
    })
    .prefault({}),
})
export type Pod = z.infer<typeof Pod>

export const ClusterEvent = z.object({
  metadata: Metadata,
  type: z.string().default('Normal'),
  reason: z.string().default(''),
  message: z.string().default(''),
  count: z.int().nullish(),
  lastTimestamp: z.string().nullish(),
  firstTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
  involvedObject: z.object({ kind: z.string().default(''), name: z.string().default(''), uid: z.string().default('') }),
})
export type ClusterEvent = z.infer<typeof ClusterEvent>
