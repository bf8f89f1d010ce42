import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { Commit, Name, type RepoRef } from '#model/names.ts'

/** What a hook tells; true only as far as the source says the same. */
export type Hint =
  | { readonly type: 'push'; repo: RepoRef; ref: string; before: string; after: string; actor: string }
  | { readonly type: 'change'; repo: RepoRef; number: number }

export interface HookParts {
  secret(): Promise<string>
  /** The secret before it, while it is being changed. */
  previousSecret(): Promise<string | undefined>
  /** A hook of this organisation came signed with the secret before. Must come back at once. */
  outdated(owner: string): void
  /** Whether any of these marks was brought before; remembers them all. */
  seenBefore(marks: readonly string[]): Promise<boolean>
  /** Must come back at once. */
  take(hint: Hint): void
}

const mostBytes = 4 * 1_048_576

const Repository = z.object({ name: Name, owner: z.object({ login: Name }) })
const Push = z.object({
  ref: z.string().startsWith('refs/heads/').max(300),
  before: Commit,
  after: Commit,
  repository: Repository,
  pusher: z.object({ login: z.string().max(100) }),
})
const PullEvent = z.object({ number: z.int(), repository: Repository })

/** `POST` of Gitea's hooks: believed only with the signature of the raw body, once per content, and as a hint. */
export function hookRoutes(parts: HookParts): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
    app.post('/gitea', { bodyLimit: mostBytes }, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const isOutdated = await wasSignedBefore(parts, body, request.headers['x-gitea-signature'])
      // The id is not under the signature: a copy with a new id is still a copy.
      const delivery = String(request.headers['x-gitea-delivery'] ?? '').slice(0, 100)
      const digest = createHash('sha256').update(body).digest('hex')
      const isCopy = await parts.seenBefore([`content:${digest}`, ...(delivery ? [`delivery:${delivery}`] : [])])
      const hint = hintOf(request.headers['x-gitea-event'], body)
      if (hint && isOutdated) parts.outdated(hint.repo.owner)
      if (hint && !isCopy) parts.take(hint)
      return reply.code(202).send()
    })
  }
}

/** Whether it is the secret before that signed it. HOOK_REFUSED when neither did. */
async function wasSignedBefore(
  parts: HookParts,
  body: Buffer,
  header: string | string[] | undefined,
): Promise<boolean> {
  if (isSigned(body, header, await parts.secret())) return false
  const previous = await parts.previousSecret()
  if (previous !== undefined && isSigned(body, header, previous)) return true
  throw new PlatformError('HOOK_REFUSED', 'the signature of the hook is missing or wrong', {
    hint: 'hookSecret of fairway.yaml and the hook of the organisation on Gitea must be the same',
  })
}

function isSigned(body: Buffer, header: string | string[] | undefined, secret: string): boolean {
  const given = Buffer.from(typeof header === 'string' && /^[0-9a-f]{64}$/.test(header) ? header : '', 'hex')
  const expected = createHmac('sha256', secret).update(body).digest()
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** Undefined for an event that says nothing to us. */
function hintOf(event: string | string[] | undefined, body: Buffer): Hint | undefined {
  const text = parsed(body)
  const repoOf = ({ name, owner }: z.infer<typeof Repository>) => ({ owner: owner.login, name })
  if (event === 'push') {
    const { success, data } = Push.safeParse(text)
    if (!success) return undefined
    const { ref, before, after, repository, pusher } = data
    return { type: 'push', repo: repoOf(repository), ref, before, after, actor: pusher.login }
  }
  const { success, data } = PullEvent.safeParse(text)
  return success ? { type: 'change', repo: repoOf(data.repository), number: data.number } : undefined
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
