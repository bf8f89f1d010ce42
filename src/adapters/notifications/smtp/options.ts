import { z } from 'zod'
import { CredentialSource } from '#lib/credential.ts'

/** `spec.notifications.smtp` of fairway.yaml. */
export const SmtpOptions = z
  .strictObject({
    host: z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, 'is a host name or an address'),
    port: z.number().int().min(1).max(65_535).default(587),
    /** `starttls` fails rather than go on in the clear. */
    security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    from: z.email(),
    username: z.string().max(200).optional(),
    password: CredentialSource.optional(),
    timeoutSeconds: z.number().min(0.2).max(15).default(10),
  })
  .superRefine(({ security, username, password }, context) => {
    const say = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if ((username === undefined) !== (password === undefined)) say('password', 'username and password belong together')
    if (security === 'none' && password) say('security', 'none would send the password in the clear')
  })
export type SmtpOptions = z.infer<typeof SmtpOptions>
