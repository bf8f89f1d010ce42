import { createHmac } from 'node:crypto'
import { type GiteaCalls, scopes } from './calls.ts'
import { Hook } from './schema.ts'

const events = [
  'push',
  'pull_request',
  'pull_request_sync',
  'pull_request_review_approved',
  'pull_request_review_rejected',
]

/**
 * Makes sure of one hook of the organisation that leads here, with today's secret. Gitea takes a secret only when a hook is
 * made and never tells it, so the address carries a mark of the secret: another secret is another hook, and the one before
 * goes once the new one is there.
 */
export async function ensureHook(
  calls: GiteaCalls,
  { owner, url, secret }: { owner: string; url: string; secret: string },
): Promise<void> {
  const path = `/orgs/${owner}/hooks`
  const scope = scopes.organization
  const marked = `${url}?secret=${markOf(secret)}`
  const own = (await calls.all(path, Hook, { scope })).filter(({ config }) => config['url']?.split('?')[0] === url)
  const body = { active: true, events, config: { url: marked, content_type: 'json', secret } }
  const known = own
    .filter(({ config }) => config['url'] === marked)
    .toSorted((a, b) => a.id - b.id)
    .at(-1)
  if (known) await calls.send('PATCH', `${path}/${known.id}`, { body, scope, accept: [404] })
  const kept = known ?? (await calls.json('POST', path, { body: { ...body, type: 'gitea' }, schema: Hook, scope }))
  // Never a later one: of two replicas that start at once, one has to stay.
  for (const { id } of own.filter((one) => one.id < kept.id))
    await calls.send('DELETE', `${path}/${id}`, { scope, accept: [404] })
}

function markOf(secret: string): string {
  return createHmac('sha256', secret).update('fairway hook').digest('hex').slice(0, 8)
}
