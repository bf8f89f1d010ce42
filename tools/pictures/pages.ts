import { serviceTabs } from '#model/service-tabs.ts'

/** One page as one person sees it. */
export interface Pictured {
  readonly name: string
  readonly path: string
  /** Signed in as whom; nobody means before the login. */
  readonly as: string
}

/** What the scene made that stands in addresses. */
export interface Made {
  readonly created: string
  readonly waiting: string
  readonly failed: string
  readonly change: number
  readonly version: string
  readonly trace: string | undefined
}

const service = '/catalog/component/default/shop'

/** A platform on which nobody made anything yet. */
export const emptyPages: readonly Pictured[] = [
  { name: 'login', path: '/login', as: 'nobody' },
  ...['', 'catalog', 'runs', 'changes', 'environments', 'activity'].map((place) => ({
    name: `empty-${place || 'home'}`,
    path: `/${place}`,
    as: 'dev',
  })),
]

/** Every page of a platform on which a team works. */
export function busyPages(made: Made): readonly Pictured[] {
  const as = 'dev'
  const tabs = serviceTabs.filter((tab) => tab !== 'overview')
  return [
    { name: 'home', path: '/', as },
    { name: 'catalog', path: '/catalog', as },
    { name: 'catalog-groups', path: '/catalog?kind=group', as },
    { name: 'catalog-filtered-out', path: '/catalog?q=nothing-is-called-so', as },
    { name: 'group', path: '/catalog/group/default/team-a', as },
    { name: 'create', path: '/create', as },
    { name: 'adopt', path: '/adopt', as },
    { name: 'wizard', path: '/create/http-api', as },
    { name: 'runs', path: '/runs', as },
    { name: 'notifications', path: '/notifications', as },
    { name: 'run', path: `/runs/${made.created}`, as },
    { name: 'run-waiting', path: `/runs/${made.waiting}`, as },
    { name: 'run-failed', path: `/runs/${made.failed}`, as },
    { name: 'changes', path: '/changes', as },
    { name: 'change', path: '/changes/fairway/delivery/1', as },
    { name: 'change-to-decide', path: `/changes/fairway/delivery/${made.change}`, as: 'dev2' },
    { name: 'service', path: service, as },
    ...tabs.map((tab) => ({ name: `service-${tab}`, path: `${service}/${tab}`, as })),
    { name: 'service-drift', path: `${service}/deployments?environment=staging`, as },
    { name: 'service-secrets-denied', path: `${service}/secrets`, as: 'dev3' },
    { name: 'release', path: `${service}/releases/${made.version}`, as },
    ...(made.trace ? [{ name: 'trace', path: `${service}/traces/${made.trace}?environment=dev`, as }] : []),
    { name: 'promote', path: `${service}/promote?to=staging`, as },
    { name: 'rollback', path: `${service}/rollback?environment=dev`, as },
    { name: 'deployments', path: '/deployments', as },
    { name: 'environments', path: '/environments', as },
    { name: 'environment', path: '/environments/dev', as },
    { name: 'policies', path: '/policies', as },
    { name: 'activity', path: '/activity', as },
    { name: 'audit', path: '/activity', as: 'auditor' },
    { name: 'docs', path: '/docs', as },
    { name: 'docs-found', path: '/docs?q=rollback', as },
    { name: 'doc', path: '/docs/fairway/docs/guide/secrets.md', as },
    { name: 'doctor', path: '/admin/doctor', as: 'platform' },
    { name: 'not-found', path: '/nowhere', as },
    { name: 'no-such-service', path: '/catalog/component/default/nobody', as },
  ]
}
