import { z } from 'zod'
import { FieldDifference } from '#model/drift.ts'
import { Health, Sync } from '#model/deployment.ts'

/** `agent.json` in the data folder (0600), written by the agent once it listens. */
export const AgentFile = z.object({ url: z.url(), token: z.string() })
export type AgentFile = z.infer<typeof AgentFile>

export const LiveStatusReply = z.object({
  sync: Sync,
  health: Health,
  reason: z.string().optional(),
  liveCommit: z.string().optional(),
  wantedCommit: z.string().optional(),
  rolloutFailure: z.string().optional(),
  image: z.string().optional(),
  version: z.string().optional(),
  replicas: z.object({ ready: z.int(), desired: z.int() }).optional(),
  url: z.string().optional(),
  secrets: z.record(z.string(), z.int()).optional(),
  readAt: z.string(),
})

export const DifferencesReply = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('known'), fields: z.array(FieldDifference.extend({ cause: z.string().optional() })) }),
  z.object({ kind: z.literal('unknown'), reason: z.string() }),
])

/** A line of /watch; the empty one is a sign of life. */
export const WatchLine = z.object({ environment: z.string().optional(), service: z.string().optional() })
