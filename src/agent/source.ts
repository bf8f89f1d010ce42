import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'

/** `agent-source.json` in the data folder, written by the control plane (0600): where the desired state and the images are. */
export const AgentSource = z.object({
  remote: z.object({ url: z.string(), username: z.string(), password: z.string() }),
  branch: z.string().default('main'),
  /** Folder of the embedded artefact store, or the product that stands in its place, as fairway.yaml names it. */
  artifacts: z.union([z.string(), z.looseObject({ product: z.string() })]),
  /** Where logs go, as `http://127.0.0.1:7007/otlp`, and what tokens of workloads are made with. */
  otlp: z.object({ endpoint: z.url(), secret: z.string().min(16) }).optional(),
  /** Public keys (PEM) that may vouch for images. None: nothing is started. */
  imageKeys: z.array(z.string()).default([]),
  /** Where secrets of workloads are asked for, as `http://127.0.0.1:7007/agent/secrets`. */
  secrets: z.object({ endpoint: z.url(), token: z.string().min(16) }).optional(),
  /** Environments this agent makes so. Others are left alone. */
  environments: z.array(z.string()),
})
export type AgentSource = z.infer<typeof AgentSource>

/** Reads the file afresh, since the control plane may write it anew at any time. */
export async function readSource(dataFolder: string): Promise<AgentSource> {
  const text = await readFile(join(dataFolder, 'agent-source.json'), 'utf8').catch((cause: unknown) => {
    throw new PlatformError(
      'AGENT_UNAVAILABLE',
      'the control plane has not said yet where the delivery repository is',
      { cause },
    )
  })
  const source = AgentSource.safeParse(jsonOf(text))
  if (source.success) return source.data
  const [issue] = source.error.issues
  throw new PlatformError(
    'SETTINGS_INVALID',
    `agent-source.json is not valid: ${issue?.path.join('.')}: ${issue?.message}`,
  )
}

// The parser's own message would quote the text, which holds a password.
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
