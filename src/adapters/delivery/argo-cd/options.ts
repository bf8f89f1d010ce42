import { z } from 'zod'
import { CredentialSource } from '#lib/credential.ts'

const seconds = z.int().min(1).max(86_400)

/** `spec.adapters.delivery` with `product: argo-cd`. */
export const ArgoCdOptions = z.strictObject({
  /** Path of a kubeconfig; without it the service account of the pod that Fairway runs in. */
  kubeconfig: z.string().regex(/^\//, 'is an absolute path').optional(),
  context: z.string().min(1).optional(),
  /** The namespace Argo CD runs in. */
  namespace: z.string().default('argocd'),
  /** The delivery repository as the cluster reaches it. */
  repository: z.url(),
  /** Who reads it. Bootstrapping an environment hands it to Argo CD; without it Argo CD must know the repository already. */
  repositoryCredential: z.strictObject({ username: z.string().min(1), password: CredentialSource }).optional(),
  /** The cluster to deploy to, as Argo CD knows it. It has to be the one that the kubeconfig leads to. */
  destination: z.url().default('https://kubernetes.default.svc'),
  /** How long the controller may take to see a commit or a refresh before it counts as lagging. */
  lagSeconds: seconds.default(120),
  /** Age at which the controller's last word is too old to be believed. It says one at least every three minutes. */
  staleSeconds: seconds.default(600),
  /** Where people reach a service, as `https://{service}.{environment}.example.com`. */
  urlPattern: z.string().optional(),
  /** Where services send signals, as OTLP over HTTP: a collector in the namespace fairway-signals. Without it they send none. */
  otlpEndpoint: z.url({ protocol: /^https?$/ }).optional(),
  /** Say true when the cluster's network plug-in enforces NetworkPolicies; nothing in the cluster tells. */
  enforcesNetworkPolicy: z.boolean().default(false),
})
export type ArgoCdOptions = z.infer<typeof ArgoCdOptions>
