import { z } from 'zod'

/** `spec.adapters.admission` of fairway.yaml, without `product`. */
export const GatekeeperOptions = z.strictObject({
  /** Path of a kubeconfig; left out: the service account of the pod that Fairway runs in. */
  kubeconfig: z.string().regex(/^\//, 'is an absolute path').optional(),
  /** A context of the kubeconfig; left out: its current one. */
  context: z.string().min(1).optional(),
  /** Where Gatekeeper runs. */
  namespace: z.string().min(1).default('gatekeeper-system'),
  /** Name of its ValidatingWebhookConfiguration. */
  webhook: z.string().min(1).default('gatekeeper-validating-webhook-configuration'),
})
export type GatekeeperOptions = z.infer<typeof GatekeeperOptions>
