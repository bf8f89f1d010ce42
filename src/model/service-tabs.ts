/** The pages of a service, in the order of their tabs; the first is the service's own address. */
export const serviceTabs = [
  'overview',
  'deployments',
  'releases',
  'secrets',
  'resources',
  'dependencies',
  'logs',
  'metrics',
  'traces',
  'activity',
  'docs',
] as const
export type ServiceTab = (typeof serviceTabs)[number]
