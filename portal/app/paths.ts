export interface ChangePlace {
  readonly repo: { readonly owner: string; readonly name: string }
  readonly number: number
}

const service = (name: string) => `/catalog/component/default/${name}`

/** Every address inside the portal. */
export const paths = {
  home: '/',
  catalog: '/catalog',
  adopt: '/adopt',
  create: '/create',
  createFrom: (template: string) => `/create/${template}`,
  runs: '/runs',
  run: (id: string) => `/runs/${id}`,
  runCommit: (id: string, commit: string) => `/runs/${id}/commits/${commit}`,
  changes: '/changes',
  change: ({ repo, number }: ChangePlace) => `/changes/${repo.owner}/${repo.name}/${number}`,
  matrix: '/deployments',
  environments: '/environments',
  environment: (name: string) => `/environments/${name}`,
  policies: '/policies',
  activity: '/activity',
  doctor: '/admin/doctor',
  notifications: '/notifications',
  docs: '/docs',
  doc: (source: string, path: string) => `/docs/${source}/${path}`,
  entity: (kind: string, namespace: string, name: string) => `/catalog/${kind}/${namespace}/${name}`,
  service,
  serviceTab: (name: string, tab: string) => (tab === 'overview' ? service(name) : `${service(name)}/${tab}`),
  trace: (name: string, traceId: string) => `${service(name)}/traces/${traceId}`,
  release: (name: string, version: string) => `${service(name)}/releases/${encodeURIComponent(version)}`,
  promote: (name: string) => `${service(name)}/promote`,
  rollback: (name: string) => `${service(name)}/rollback`,
} as const

/** `owner/name#number` or its page; undefined when the text is no change request. */
export function changePath(id: unknown): string | undefined {
  const [, owner, name, number] = /^([\w-]+)\/([\w-]+)#(\d+)$/.exec(typeof id === 'string' ? id : '') ?? []
  return owner && name && number ? paths.change({ repo: { owner, name }, number: Number(number) }) : undefined
}
