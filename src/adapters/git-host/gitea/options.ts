import { z } from 'zod'
import { CredentialSource } from '#lib/credential.ts'

const Address = z.url({ protocol: /^https?$/ }).refine((text) => {
  const { protocol, hostname, username, search, hash } = new URL(text)
  const here = hostname === '127.0.0.1' || hostname === '[::1]'
  return (protocol === 'https:' || here) && username === '' && search === '' && hash === ''
}, 'is https://HOST, or http:// to a literal loopback address, without a user name or query')

/** `spec.adapters.gitHost` with `product: gitea`. */
export const GiteaOptions = z.strictObject({
  /** Where Gitea answers, for the platform and for people. */
  url: Address,
  /** The token of the platform's own user there. */
  token: CredentialSource,
  /** What Gitea signs its hooks with: 16 characters at least. */
  hookSecret: CredentialSource,
  /** The secret before it, while it is being changed: its hooks count until Gitea has the new one. */
  previousHookSecret: CredentialSource.optional(),
  /** Where Gitea reaches this platform, when that is not the portal's address: the hook is `<hookUrl>/hooks/gitea`. */
  hookUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** A token that only reads, for who fetches the delivery repository; the platform's own when left out. */
  readToken: CredentialSource.optional(),
})
export type GiteaOptions = z.infer<typeof GiteaOptions>
