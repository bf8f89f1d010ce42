import { PlatformError } from '#errors/platform-error.ts'
import { dataOf } from '../../client/client.ts'
import { serviceTabs } from '#model/service-tabs.ts'
import { defineCommand, type Invocation } from '../command.ts'

/** Pages that are about no one service. */
const pages = ['catalog', 'create', 'runs', 'changes', 'deployments', 'environments', 'policies', 'activity', 'docs']
const ofService: readonly string[] = [...serviceTabs, 'promote', 'rollback', 'repo']

export const open = defineCommand({
  usage: 'open [service] [page]',
  summary: 'Open a page of the portal, or a service’s repository at the Git host',
  options: [{ flag: '--print', about: 'only print the address' }],
  examples: [
    'fairway open shop',
    'fairway open shop logs --print',
    'fairway open shop repo          (at a Git host that has pages)',
    'fairway open logs              (inside the service’s repository)',
    `fairway open changes           (or ${pages.filter((page) => page !== 'changes').join(', ')})`,
  ],
  fields: ['url'],
  async run({ args, options, api, session, out, serviceOf }) {
    const { path, service } = await placeOf(args, serviceOf)
    const url = service === undefined ? `${session.server}${path}` : await repositoryOf(service, { api, session })
    const canOpen =
      options['print'] !== true &&
      !process.env['CI'] &&
      !process.env['SSH_CONNECTION'] &&
      (process.platform === 'darwin' ||
        process.env['DISPLAY'] !== undefined ||
        process.env['WAYLAND_DISPLAY'] !== undefined)
    if (canOpen) await (await import('open')).default(url)
    out.result({ url }, () => url)
    return 0
  },
})

interface Place {
  readonly path: string
  /** Its repository is meant. */
  readonly service?: string
}

/** A single word is a service before it is a page, except that no service can be called as a page of the portal is. */
async function placeOf(
  [first, second]: readonly string[],
  service: (given: string | undefined) => Promise<string>,
): Promise<Place> {
  const isPage = first !== undefined && second === undefined
  if (isPage && pages.includes(first) && !ofService.includes(first)) return { path: `/${first}` }
  const tab = isPage && ofService.includes(first) ? first : second
  const name = await service(tab === first ? undefined : first)
  const path = `/catalog/component/default/${name}`
  if (tab === undefined || tab === 'overview') return { path }
  if (tab === 'repo') return { path, service: name }
  if (ofService.includes(tab)) return { path: `${path}/${tab}` }
  throw new PlatformError('USAGE', `a service has no page ${tab}`, { hint: `one of ${ofService.join(', ')}` })
}

/** Git hosts with pages show a repository where it is cloned from, without the ending; the embedded one has no pages. */
async function repositoryOf(name: string, { api, session }: Pick<Invocation, 'api' | 'session'>): Promise<string> {
  const { repository } = await dataOf((await api()).GET('/api/v1/services/{name}', { params: { path: { name } } }))
  if (new URL(repository.cloneUrl).origin !== new URL(session.server).origin)
    return repository.cloneUrl.replace(/\.git$/, '')
  throw new PlatformError('USAGE', 'the embedded Git host has no pages', { hint: `fairway clone ${name}` })
}
