import { z } from 'zod'

/** Where a rule is asked (design.md section 1.7). */
export const Gate = z.enum(['form', 'template', 'change', 'plan', 'admission'])
export type Gate = z.infer<typeof Gate>

/** One thing a rule found: what, where, why it matters, how to mend it. */
export const Finding = z
  .object({
    policy: z.string(),
    severity: z.enum(['deny', 'warn']),
    message: z.string(),
    /** The object and field, as `Deployment/shop spec.template.spec.containers[0].image`. */
    at: z.string().optional(),
    why: z.string(),
    fix: z.string(),
  })
  .meta({ id: 'Finding' })
export type Finding = z.infer<typeof Finding>

/** What the rules say of one input: allowed only when no finding denies. Digests bind it to input and rules. */
export const Verdict = z
  .object({
    allowed: z.boolean(),
    gate: Gate,
    findings: z.array(Finding),
    inputDigest: z.string(),
    bundleDigest: z.string(),
    policies: z.array(z.string()),
    evaluatedAt: z.iso.datetime(),
    millis: z.number(),
  })
  .meta({ id: 'Verdict' })
export type Verdict = z.infer<typeof Verdict>

/** `policies/<id>/policy.yaml`. */
export const Policy = z
  .object({
    apiVersion: z.literal('fairway.dev/v1'),
    kind: z.literal('Policy'),
    metadata: z.object({ name: z.string(), title: z.string() }),
    spec: z.strictObject({
      severity: z.enum(['deny', 'warn']),
      gates: z.array(Gate),
      /** Empty: every environment. */
      environments: z.array(z.string()).default([]),
      why: z.string(),
      fix: z.string(),
      owner: z.string(),
      controls: z.array(z.string()).default([]),
    }),
  })
  .meta({ id: 'Policy' })
export type Policy = z.infer<typeof Policy>
