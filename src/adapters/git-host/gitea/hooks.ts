import { type GiteaCalls, scopes } from './calls.ts'
import { Hook } from './schema.ts'

const events = [
  'push',
  'pull_request',
  'pull_request_sync',
  'pull_request_review_approved',
  'pull_request_review_rejected',
]

/** Makes sure of one hook of the organisation that leads here, with today's secret. */
export async function ensureHook(
  calls: GiteaCalls,
  { owner, url, secret }: { owner: string; url: string; secret: string },
): Promise<void> {
  const path = `/orgs/${owner}/hooks`
  const scope = scopes.organization
  const known = (await calls.all(path, Hook, { scope })).filter(({ config }) => config['url'] === url)
  const config = { url, content_type: 'json', secret }
  const body = { active: true, events, config }
  const [first, ...more] = known
  if (first) await calls.send('PATCH', `${path}/${first.id}`, { body, scope })
  else await calls.send('POST', path, { body: { ...body, type: 'gitea' }, scope })
  for (const { id } of more) await calls.send('DELETE', `${path}/${id}`, { scope, accept: [404] })
}
