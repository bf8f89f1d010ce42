import * as z from 'zod'

/** The service's name in logs, traces and answers. */
export const serviceName = '${{ values.name }}'

const Environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(${{ values.port }}),
  HOST: z.string().optional(),
  GREETING: z.string().min(1).default('Hello'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  FAIRWAY_VERSION: z.string().optional(),
  FAIRWAY_RELEASE: z.string().optional(),
  FAIRWAY_ENVIRONMENT: z.string().optional(),
  DRAIN_DELAY_MS: z.coerce.number().int().min(0).default(1_000),
  DRAIN_LIMIT_MS: z.coerce.number().int().min(0).default(8_000),
})

export type Config = ReturnType<typeof readConfig>

/** Reads the whole configuration once, at start. A wrong value stops the service with the variable's name. */
export function readConfig(variables: Record<string, string | undefined>) {
  const parsed = Environment.safeParse(variables)
  if (!parsed.success) throw new Error(parsed.error.issues.map(sentence).join('; '))
  const env = parsed.data
  return {
    port: env.PORT,
    // A laptop serves itself only; a container must answer from outside.
    host: env.HOST ?? (env.FAIRWAY_ENVIRONMENT ? '0.0.0.0' : '127.0.0.1'),
    greeting: env.GREETING,
    logLevel: env.LOG_LEVEL,
    version: env.FAIRWAY_VERSION ?? env.FAIRWAY_RELEASE ?? '0.0.0-local',
    environment: env.FAIRWAY_ENVIRONMENT ?? 'local',
    drain: { delayMs: env.DRAIN_DELAY_MS, limitMs: env.DRAIN_LIMIT_MS },
  }
}

function sentence(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')}: ${issue.message}`
}
