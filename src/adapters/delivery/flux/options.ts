import { z } from 'zod'
import { CredentialSource } from '#lib/credential.ts'

const seconds = z.int().min(1).max(86_400)

/** `spec.adapters.delivery` with `product: flux`. */
export const FluxOptions = z.strictObject({
  /** Path of a kubeconfig; without it the service account of the pod that Fairway runs in. */
  kubeconfig: z.string().regex(/^\//, 'is an absolute path').optional(),
  context: z.string().min(1).optional(),
  /** The namespace that holds our sources and Kustomizations, and the accounts they deploy as. */
  namespace: z.string().default('flux-system'),
  /** The delivery repository as the cluster reaches it. */
  repository: z.url({ protocol: /^https?$/ }),
  /** Who reads it. Bootstrapping an environment hands it to Flux; without it the repository has to be readable by all. */
  repositoryCredential: z.strictObject({ username: z.string().min(1), password: CredentialSource }).optional(),
  /** The account in that namespace that makes namespaces, access and rules; without it the controller's own rights. */
  platformAccount: z.string().min(1).optional(),
  /** How often Flux looks at Git and heals without being asked. */
  intervalSeconds: z.int().min(30).max(3_600).default(60),
  /** How long the controllers may take to see a commit or a request before they count as lagging. */
  lagSeconds: seconds.default(120),
  /** Age at which Flux's last word is too old to be believed. */
  staleSeconds: seconds.default(600),
  /** Where people reach a service, as `https://{service}.{environment}.example.com`. */
  urlPattern: z.string().optional(),
  /** Where services send signals, as OTLP over HTTP: a collector in the namespace fairway-signals. Without it they send none. */
  otlpEndpoint: z.url({ protocol: /^https?$/ }).optional(),
  /** Say true when the cluster's network plug-in enforces NetworkPolicies; nothing in the cluster tells. */
  enforcesNetworkPolicy: z.boolean().default(false),
})
export type FluxOptions = z.infer<typeof FluxOptions>
