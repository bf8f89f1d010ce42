import type { Action } from './can.ts'

/** What a route asks of whom: an action on an object of some team, or on everything at once. */
export type Need = 'nobody' | 'signed-in' | { readonly action: Action; readonly on: 'team' | 'everything' }

const team = (action: Action): Need => ({ action, on: 'team' })
const everything = (action: Action): Need => ({ action, on: 'everything' })
const read = everything('read')
const audit = everything('audit.read')

/** What every route of the contract asks, by its id. A test and the start refuse a route that is not here; proof `route-matrix` tries each. */
export const routeNeeds: Readonly<Record<string, Need>> = {
  'sessions.options': 'nobody',
  'sessions.create': 'nobody',
  'sessions.end': 'signed-in',
  'sessions.switch': 'signed-in',
  'sessions.me': 'signed-in',
  'home.read': read,
  'policies.list': read,
  'admission.list': read,
  'audit.list': audit,
  'audit.verify': audit,
  'audit.export': audit,
  'audit.state': audit,
  'keys.list': read,
  'releases.read': read,
  'releases.provenance': read,
  'releases.sbom': read,
  'platform.rebuild': everything('platform.rebuild'),
  'platform.doctor': read,
  'platform.live': everything('platform.inspect'),
  'platform.notices': read,
  'templates.list': read,
  'templates.read': read,
  'templates.check': read,
  'templates.preview': read,
  'services.create': team('service.create'),
  'services.adopt': team('service.create'),
  'services.list': read,
  'services.read': read,
  'services.matrix': read,
  'services.status': read,
  'services.explanations': read,
  'services.deployments': read,
  'services.releases': read,
  'services.resources': read,
  'services.activity': team('audit.read'),
  'services.diff': read,
  'services.tour': read,
  'services.tour-act': team('repository.push'),
  'services.check': team('change.open'),
  'dev.start': team('service.develop'),
  'dev.open': team('service.develop'),
  'dev.renew': team('service.develop'),
  'dev.close': team('service.develop'),
  'secrets.list': team('secret.read'),
  'secrets.set': team('secret.write'),
  'secrets.remove': team('secret.write'),
  'services.promote': team('service.promote'),
  'services.rollback': team('service.rollback'),
  'signals.logs': read,
  'signals.metrics': read,
  'signals.traces': read,
  'signals.trace': read,
  'repositories.read': read,
  'changes.list': read,
  'changes.open': team('change.open'),
  'changes.read': read,
  'changes.diff': read,
  'changes.review': team('change.approve'),
  'changes.merge': team('change.merge'),
  'changes.close': team('change.close'),
  'drift.list': read,
  'drift.read': read,
  'drift.revert': team('drift.revert'),
  'drift.adopt': team('drift.adopt'),
  'runs.list': read,
  'runs.read': read,
  'runs.log': read,
  'runs.explanation': read,
  'runs.commits': read,
  'runs.commit': read,
  'runs.retry': team('run.retry'),
  'runs.cancel': team('run.cancel'),
  'runs.undo': team('run.undo'),
  'catalog.list': read,
  'catalog.read': read,
  'catalog.relations': read,
  'catalog.validate': read,
  'catalog.refresh': everything('catalog.refresh'),
  'environments.list': read,
  'environments.bootstrap': everything('environment.bootstrap'),
  'environments.detach': everything('environment.detach'),
  'people.list': read,
  'notifications.list': read,
  'notifications.read': read,
  'notifications.preferences': read,
  'notifications.prefer': read,
  'notifications.given-up': everything('platform.inspect'),
  'notifications.send-again': everything('platform.inspect'),
  'docs.list': read,
  'docs.search': read,
  'docs.read': read,
}

/** Who opens an address beside the contract: everybody, a session, a session as a Git password, a workload's own token, the agent's, or a product by the signature of its hook. */
export type Door = 'everybody' | 'session' | 'git' | 'workload' | 'agent' | 'product'

/** Every other address the server answers. */
export const otherAddresses: Readonly<Record<string, Door>> = {
  'GET /healthz': 'everybody',
  'GET /readyz': 'everybody',
  'GET /api/openapi.json': 'everybody',
  'GET /assets/*': 'everybody',
  'GET /favicon.svg': 'everybody',
  'GET /color-scheme.js': 'everybody',
  'GET /*': 'everybody',
  'GET /api/v1/events': 'session',
  'GET /git/:owner/:file/info/refs': 'git',
  'POST /git/:owner/:file/git-upload-pack': 'git',
  'POST /git/:owner/:file/git-receive-pack': 'git',
  'POST /otlp/v1/logs': 'workload',
  'POST /otlp/v1/metrics': 'workload',
  'POST /otlp/v1/traces': 'workload',
  'POST /hooks/gitea': 'product',
  'POST /agent/secrets/versions': 'agent',
  'POST /agent/secrets/values': 'agent',
}

/** Mounted addresses, as `METHOD /path`, that nobody declared. HEAD answers as GET does. */
export function undeclared(
  mounted: readonly string[],
  contract: readonly { readonly id: string; readonly method: string; readonly path: string }[],
): string[] {
  const known = new Set([
    ...Object.keys(otherAddresses),
    ...contract.filter(({ id }) => id in routeNeeds).map(({ method, path }) => `${method} ${path}`),
  ])
  return mounted.filter((address) => !known.has(address.replace(/^HEAD /, 'GET ')))
}
