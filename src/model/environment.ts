import { z } from 'zod'
import { Name } from './names.ts'

/** Compute resources as Kubernetes quantities. */
export const Resources = z.object({
  requests: z.object({ cpu: z.string(), memory: z.string() }),
  limits: z.object({ cpu: z.string(), memory: z.string() }),
})
export type Resources = z.infer<typeof Resources>

/** `me` and `me-<person>` are what people run on their own machines. */
const EnvironmentName = Name.refine((name) => !/^me(-|$)/.test(name), 'me and me-… are what `fairway dev` runs under')

const quantity = /^[0-9]+(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/

/** `environments/<name>.yaml` of the platform repository. */
export const Environment = z
  .object({
    apiVersion: z.literal('fairway.dev/v1'),
    kind: z.literal('Environment'),
    metadata: z.object({ name: EnvironmentName, title: z.string().optional(), description: z.string().optional() }),
    spec: z.strictObject({
      /** Position in the promotion order, from 1. */
      order: z.int().min(1),
      /** Who must agree before a change request for this environment merges. */
      approval: z.enum(['none', 'non-contributor']).default('none'),
      rollback: z.enum(['immediate', 'approval']).default('immediate'),
      /** Seconds the agent or cluster has to make a rollout ready. */
      rolloutSeconds: z.int().min(5).max(3600).default(60),
      defaults: z.strictObject({ replicas: z.int().min(1).max(50).default(1), resources: Resources }),
      /** Image registries (prefixes of repository names) that may run here. */
      registries: z.array(z.string()).default(['fairway.local']),
      logRetentionDays: z.int().min(1).default(7),
      /** Whether `fairway dev` may hand values of secrets to members of the owning team; only in the first environment. */
      devSecrets: z.enum(['allow', 'deny']).default('deny'),
      /** What the services of one team may ask for here together, where the environment is a cluster. */
      quota: z
        .strictObject({
          pods: z.int().min(1).default(50),
          cpu: z.string().regex(quantity).default('8'),
          memory: z.string().regex(quantity).default('16Gi'),
        })
        .default({ pods: 50, cpu: '8', memory: '16Gi' }),
    }),
  })
  .meta({ id: 'Environment' })
export type Environment = z.infer<typeof Environment>

/** `.fairway/environments/<environment>.yaml` of a service: what differs from the environment's defaults. */
export const ServiceEnvironment = z.strictObject({
  apiVersion: z.literal('fairway.dev/v1').default('fairway.dev/v1'),
  kind: z.literal('ServiceEnvironment').default('ServiceEnvironment'),
  replicas: z.int().min(1).max(50).optional(),
  resources: Resources.partial().optional(),
  variables: z.record(z.string().regex(/^[A-Z_][A-Z0-9_]*$/), z.string()).default({}),
  hosts: z.array(z.string()).default([]),
})
export type ServiceEnvironment = z.infer<typeof ServiceEnvironment>
