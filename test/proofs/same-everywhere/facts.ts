import type { Scene } from './scene.ts'

/** Something that all three tell. */
export interface Fact {
  readonly name: string
  readonly api: (scene: Scene) => string
  /** Of a question that is a POST: a dry run. */
  readonly body?: object
  readonly cli: readonly string[] | ((scene: Scene) => readonly string[])
  readonly page: (scene: Scene) => string
  /** Fields that the command line asks another route for. */
  readonly besides?: readonly string[]
  /** Of an answer: what somebody must be able to read of it, in the words of the API. */
  readonly reads: (answer: never) => readonly string[]
}

const service = () => '/catalog/component/default/shop'

/** A release by the seven characters of its commit, as pages and tables show it. */
const short = (version: string) => version.slice(-12, -5)

interface Standing {
  readonly name: string
  readonly health: string
  readonly release?: { readonly version: string }
}
const standing = ({ name, health, release }: Standing) => [name, ...(release ? [short(release.version), health] : [])]

export const facts: readonly Fact[] = [
  {
    name: 'how a service stands in each environment',
    api: () => '/api/v1/services/shop/status',
    cli: ['status', 'shop'],
    page: service,
    reads: ({ environments }: { environments: readonly Standing[] }) => environments.flatMap(standing),
  },
  {
    name: 'what runs where',
    api: () => '/api/v1/deployment-matrix',
    cli: ['matrix'],
    page: () => '/deployments',
    reads: ({ items }: { items: readonly { service: string; owner: string; cells: readonly Standing[] }[] }) =>
      items.flatMap(({ service: name, owner, cells }) => [
        name,
        owner,
        ...cells.flatMap((cell) => standing(cell).slice(1)),
      ]),
  },
  {
    name: 'runs',
    api: () => '/api/v1/runs',
    cli: ['run', 'list'],
    page: () => '/runs',
    reads: ({ items }: { items: readonly { service?: string; state: string; requestedBy: string }[] }) =>
      items.flatMap(({ service: name, state, requestedBy }) => [...(name ? [name] : []), state, requestedBy]),
  },
  {
    name: 'a run and its steps',
    api: ({ waiting }) => `/api/v1/runs/${waiting}`,
    cli: ({ waiting }) => ['run', 'show', waiting],
    page: ({ waiting }) => `/runs/${waiting}`,
    reads: (run: { state: string; steps: readonly { title: string }[]; waitingFor?: string }) => [
      run.state,
      ...(run.waitingFor ? [run.waitingFor] : []),
      ...run.steps.map(({ title }) => title),
    ],
  },
  {
    name: 'change requests that are open',
    api: () => '/api/v1/changes?state=open',
    cli: ['change', 'list'],
    page: () => '/changes?state=open',
    reads: ({ items }: { items: readonly { state: string; author: string }[] }) =>
      items.flatMap(({ state, author }) => [state, author]),
  },
  {
    name: 'a change request',
    api: ({ change }) => `/api/v1/changes/${change.replace('#', '/')}`,
    cli: ({ change }) => ['change', 'show', change],
    page: ({ change }) => `/changes/${change.replace('#', '/')}`,
    besides: ['files', 'commits'],
    reads: (change: { id: string; author: string; mergeable: { reasons: readonly string[] } }) => [
      change.id,
      change.author,
      ...change.mergeable.reasons,
    ],
  },
  {
    name: 'the history of an environment',
    api: () => '/api/v1/services/shop/deployments?environment=dev',
    cli: ['history', 'shop', '--env', 'dev'],
    page: () => `${service()}/deployments?environment=dev`,
    reads: ({ items }: { items: readonly { version: string; kind: string; outcome: string; requestedBy: string }[] }) =>
      items.flatMap((one) => [short(one.version), one.kind, one.outcome, one.requestedBy]),
  },
  {
    name: 'releases',
    api: () => '/api/v1/services/shop/releases',
    cli: ['release', 'list', 'shop'],
    page: () => `${service()}/releases`,
    reads: ({ items }: { items: readonly { version: string; message?: string }[] }) =>
      items.map(({ version }) => short(version)),
  },
  {
    name: 'rules',
    api: () => '/api/v1/policies',
    cli: ['policy', 'list'],
    page: () => '/policies',
    reads: ({ items }: { items: readonly { metadata: { name: string; title: string } }[] }) =>
      items.flatMap(({ metadata: { name, title } }) => [name, title]),
  },
  {
    name: 'environments',
    api: () => '/api/v1/environments',
    cli: ['env', 'list'],
    page: () => '/environments',
    reads: ({ items }: { items: readonly { metadata: { name: string; title: string } }[] }) =>
      items.flatMap(({ metadata: { name, title } }) => [name, title]),
  },
  {
    name: 'golden paths',
    api: () => '/api/v1/templates',
    cli: ['template', 'list'],
    page: () => '/create',
    reads: ({ items }: { items: readonly { title: string }[] }) => items.map(({ title }) => title),
  },
  {
    name: 'teams of the catalog',
    api: () => '/api/v1/entities?kind=group',
    cli: ['catalog', 'list', '--kind', 'group'],
    page: () => '/catalog?kind=group',
    reads: ({ items }: { items: readonly { entity: { metadata: { name: string } } }[] }) =>
      items.map(({ entity }) => entity.metadata.name),
  },
  {
    name: 'what a promotion would change',
    api: () => '/api/v1/services/shop/diff?to=staging',
    cli: ['diff', 'shop', '--to', 'staging'],
    page: () => `${service()}/promote?to=staging`,
    reads: ({ to, files }: { to: { version: string }; files: readonly { path: string }[] }) => [
      short(to.version),
      ...files.map(({ path }) => path.split('/').at(-1) ?? path),
    ],
  },
  {
    name: 'what a rollback would change',
    api: () => '/api/v1/services/shop/rollbacks',
    body: { environment: 'dev', reason: '', dryRun: true },
    cli: ['rollback', 'shop', '--env', 'dev', '--dry-run'],
    page: () => `${service()}/rollback?environment=dev`,
    reads: ({
      preview: { to, files },
    }: {
      preview: { to: { version: string }; files: readonly { path: string }[] }
    }) => [short(to.version), ...files.map(({ path }) => path.split('/').at(-1) ?? path)],
  },
  {
    name: 'what differs from what was approved',
    api: () => '/api/v1/drift?service=till&state=open',
    cli: ['drift', 'till'],
    page: ({ other }) => `/catalog/component/default/${other}/deployments`,
    reads: ({ items }: { items: readonly { cause?: { author?: string }; fields: readonly { field: string }[] }[] }) =>
      items.flatMap(({ cause, fields }) => [
        ...(cause?.author ? [cause.author] : []),
        ...fields.map(({ field }) => field),
      ]),
  },
  {
    name: 'what a service is to others',
    api: () => '/api/v1/entities/component/default/shop/relations',
    cli: ['catalog', 'relations', 'shop'],
    page: () => `${service()}/dependencies`,
    reads: ({ items }: { items: readonly { name: string }[] }) => items.map(({ name }) => name),
  },
  {
    name: 'the audit log of a service',
    api: () => '/api/v1/audit?object=service:shop&action=promote',
    cli: ['audit', 'list', '--object', 'service:shop', '--action', 'promote'],
    page: () => '/activity?object=service:shop&action=promote',
    reads: ({ items }: { items: readonly { actor: string; action: string }[] }) =>
      items.flatMap(({ actor, action }) => [actor, action]),
  },
  {
    name: 'pages of documentation that hold a word',
    api: () => '/api/v1/docs/search?words=rollback',
    cli: ['docs', 'rollback'],
    page: () => '/docs?q=rollback',
    reads: ({ items }: { items: readonly { path: string }[] }) => items.map(({ path }) => path),
  },
  {
    name: 'what waits for me',
    api: () => '/api/v1/notifications',
    cli: ['notifications', 'list'],
    page: () => '/notifications',
    reads: ({ items }: { items: readonly { title: string }[] }) => items.map(({ title }) => title),
  },
]
