import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { NotificationKind } from '../model.ts'
import { api, data } from './api.ts'

const get = api.GET

/** Everything the portal reads. The first part of each key is the noun that live news name. */
export const queries = {
  me: () => queryOptions({ queryKey: ['me'], queryFn: () => data(get('/api/v1/me')), staleTime: 60_000 }),
  signIn: () => queryOptions({ queryKey: ['sign-in'], queryFn: () => data(get('/api/v1/sign-in')) }),
  home: () => queryOptions({ queryKey: ['home'], queryFn: () => data(get('/api/v1/home')) }),
  people: () => queryOptions({ queryKey: ['people'], queryFn: () => data(get('/api/v1/people')), staleTime: 300_000 }),
  environments: () =>
    queryOptions({ queryKey: ['environments'], queryFn: () => data(get('/api/v1/environments')), staleTime: 60_000 }),
  policies: () => queryOptions({ queryKey: ['policies'], queryFn: () => data(get('/api/v1/policies')) }),
  admission: () =>
    queryOptions({ queryKey: ['admission'], queryFn: () => data(get('/api/v1/admission')), staleTime: 15_000 }),
  notices: () =>
    queryOptions({ queryKey: ['notices'], queryFn: () => data(get('/api/v1/notices')), staleTime: 60_000 }),
  liveChecks: () =>
    queryOptions({ queryKey: ['live-checks'], queryFn: () => data(get('/api/v1/doctor/live')), retry: false }),
  notifications: (query: NotificationQuery) =>
    queryOptions({
      queryKey: ['notifications', 'list', query],
      queryFn: () => data(get('/api/v1/notifications', { params: { query } })),
      placeholderData: keepPreviousData,
    }),
  notificationPreferences: () =>
    queryOptions({
      queryKey: ['notifications', 'preferences'],
      queryFn: () => data(get('/api/v1/notifications/preferences')),
    }),
  docs: () => queryOptions({ queryKey: ['docs'], queryFn: () => data(get('/api/v1/docs')) }),
  docSearch: (words: string) =>
    queryOptions({
      queryKey: ['docs', 'search', words],
      queryFn: () => data(get('/api/v1/docs/search', { params: { query: { words } } })),
      placeholderData: keepPreviousData,
    }),
  doc: (source: string, path: string) =>
    queryOptions({
      queryKey: ['docs', source, path],
      queryFn: () => data(get('/api/v1/docs/page', { params: { query: { source, path } } })),
    }),
  doctor: () => queryOptions({ queryKey: ['doctor'], queryFn: () => data(get('/api/v1/doctor')) }),
  templates: () => queryOptions({ queryKey: ['templates'], queryFn: () => data(get('/api/v1/templates')) }),
  template: (name: string) =>
    queryOptions({
      queryKey: ['templates', name],
      queryFn: () => data(get('/api/v1/templates/{name}', { params: { path: { name } } })),
    }),
  services: (query: ServiceQuery) =>
    queryOptions({
      queryKey: ['services', 'list', query],
      queryFn: () => data(get('/api/v1/services', { params: { query } })),
      placeholderData: keepPreviousData,
    }),
  matrix: (query: MatrixQuery) =>
    queryOptions({
      queryKey: ['services', 'matrix', query],
      queryFn: () => data(get('/api/v1/deployment-matrix', { params: { query: query as never } })),
      placeholderData: keepPreviousData,
    }),
  service: (name: string) =>
    queryOptions({
      queryKey: ['services', name, 'detail'],
      queryFn: () => data(get('/api/v1/services/{name}', { params: { path: { name } } })),
    }),
  deployments: (name: string, environment: string | undefined) =>
    queryOptions({
      queryKey: ['services', name, 'deployments', environment],
      queryFn: () =>
        data(
          get('/api/v1/services/{name}/deployments', {
            params: { path: { name }, query: { limit: 100, ...(environment && { environment }) } },
          }),
        ),
      placeholderData: keepPreviousData,
    }),
  releases: (name: string) =>
    queryOptions({
      queryKey: ['services', name, 'releases'],
      queryFn: () =>
        data(get('/api/v1/services/{name}/releases', { params: { path: { name }, query: { limit: 100 } } })),
    }),
  release: (name: string, version: string) =>
    queryOptions({
      queryKey: ['services', name, 'release', version],
      queryFn: () => data(get('/api/v1/services/{name}/releases/{version}', { params: { path: { name, version } } })),
    }),
  secrets: (name: string) =>
    queryOptions({
      queryKey: ['services', name, 'secrets'],
      queryFn: () => data(get('/api/v1/services/{name}/secrets', { params: { path: { name } } })),
      refetchInterval: 10_000,
    }),
  resources: (name: string, environment: string) =>
    queryOptions({
      queryKey: ['services', name, 'resources', environment],
      queryFn: () =>
        data(get('/api/v1/services/{name}/resources', { params: { path: { name }, query: { environment } } })),
      refetchInterval: 10_000,
    }),
  serviceActivity: (name: string) =>
    queryOptions({
      queryKey: ['services', name, 'activity'],
      queryFn: () =>
        data(get('/api/v1/services/{name}/activity', { params: { path: { name }, query: { limit: 100 } } })),
    }),
  metrics: (name: string, environment: string, minutes: number) =>
    queryOptions({
      queryKey: ['metrics', name, environment, minutes],
      queryFn: () =>
        data(get('/api/v1/services/{name}/metrics', { params: { path: { name }, query: { environment, minutes } } })),
      refetchInterval: 15_000,
      placeholderData: keepPreviousData,
    }),
  traces: (name: string, query: TraceQuery) =>
    queryOptions({
      queryKey: ['traces', name, query],
      queryFn: () => data(get('/api/v1/services/{name}/traces', { params: { path: { name }, query } })),
      refetchInterval: 15_000,
      placeholderData: keepPreviousData,
    }),
  trace: (name: string, environment: string, traceId: string) =>
    queryOptions({
      queryKey: ['trace', name, environment, traceId],
      queryFn: () =>
        data(
          get('/api/v1/services/{name}/traces/{traceId}', {
            params: { path: { name, traceId }, query: { environment } },
          }),
        ),
    }),
  diff: (name: string, to: string, version: string | undefined) =>
    queryOptions({
      queryKey: ['services', name, 'diff', to, version],
      queryFn: () =>
        data(
          get('/api/v1/services/{name}/diff', {
            params: { path: { name }, query: { to, ...(version && { version }) } },
          }),
        ),
      staleTime: 30_000,
    }),
  rollbackPreview: (name: string, body: { environment: string; to?: string }) =>
    queryOptions({
      queryKey: ['services', name, 'rollback-preview', body],
      queryFn: () =>
        data(
          api.POST('/api/v1/services/{name}/rollbacks', {
            params: { path: { name } },
            body: { ...body, dryRun: true },
          }),
        ),
      staleTime: 30_000,
    }),
  runs: (query: RunQuery) =>
    queryOptions({
      queryKey: ['runs', 'list', query],
      queryFn: () => data(get('/api/v1/runs', { params: { query } as never })),
      placeholderData: keepPreviousData,
    }),
  run: (id: string) =>
    queryOptions({
      queryKey: ['runs', id, 'detail'],
      queryFn: () => data(get('/api/v1/runs/{id}', { params: { path: { id } } })),
    }),
  runCommits: (id: string) =>
    queryOptions({
      queryKey: ['runs', id, 'commits'],
      queryFn: () => data(get('/api/v1/runs/{id}/commits', { params: { path: { id } } })),
    }),
  runCommit: (id: string, commit: string) =>
    queryOptions({
      queryKey: ['run-commit', id, commit],
      queryFn: () => data(get('/api/v1/runs/{id}/commits/{commit}', { params: { path: { id, commit } } })),
      staleTime: Infinity,
    }),
  tour: (name: string) =>
    queryOptions({
      queryKey: ['services', name, 'tour'],
      queryFn: () => data(get('/api/v1/services/{name}/tour', { params: { path: { name } } })),
    }),
  explanation: (id: string, version: number) =>
    queryOptions({
      queryKey: ['runs', id, 'explanation', version],
      queryFn: () => data(get('/api/v1/runs/{id}/explanation', { params: { path: { id } } })),
      staleTime: 60_000,
    }),
  explanations: (name: string, version?: string) =>
    queryOptions({
      queryKey: ['services', name, 'explanations', version],
      queryFn: () =>
        data(
          get('/api/v1/services/{name}/explanations', {
            params: { path: { name }, query: version === undefined ? {} : { version } },
          }),
        ),
    }),
  drift: (query: { service?: string; environment?: string }) =>
    queryOptions({
      queryKey: ['drift', query],
      queryFn: () => data(get('/api/v1/drift', { params: { query } })),
      placeholderData: keepPreviousData,
    }),
  changes: (query: ChangeQuery) =>
    queryOptions({
      queryKey: ['changes', 'list', query],
      queryFn: () => data(get('/api/v1/changes', { params: { query } as never })),
      placeholderData: keepPreviousData,
    }),
  change: (path: ChangePath) =>
    queryOptions({
      queryKey: ['changes', path, 'detail'],
      queryFn: () => data(get('/api/v1/changes/{owner}/{repo}/{number}', { params: { path } })),
    }),
  changeDiff: (path: ChangePath, head: string) =>
    queryOptions({
      queryKey: ['change-diff', path, head],
      queryFn: () => data(get('/api/v1/changes/{owner}/{repo}/{number}/diff', { params: { path } })),
      staleTime: Infinity,
    }),
  audit: (query: AuditQuery) =>
    queryOptions({
      queryKey: ['audit', query],
      queryFn: () => data(get('/api/v1/audit', { params: { query } })),
      placeholderData: keepPreviousData,
    }),
  auditState: () => queryOptions({ queryKey: ['audit-state'], queryFn: () => data(get('/api/v1/audit/state')) }),
  auditVerification: () =>
    queryOptions({
      queryKey: ['audit-verification'],
      queryFn: () => data(get('/api/v1/audit/verification')),
      staleTime: 0,
    }),
  entities: (query: { kind?: string; owner?: string; q?: string; limit: number }) =>
    queryOptions({
      queryKey: ['entities', query],
      queryFn: () => data(get('/api/v1/entities', { params: { query } })),
      placeholderData: keepPreviousData,
    }),
  relations: (path: { kind: string; namespace: string; name: string }) =>
    queryOptions({
      queryKey: ['entities', 'relations', path],
      queryFn: () => data(get('/api/v1/entities/{kind}/{namespace}/{name}/relations', { params: { path } })),
    }),
  entity: (path: { kind: string; namespace: string; name: string }) =>
    queryOptions({
      queryKey: ['entities', path],
      queryFn: () => data(get('/api/v1/entities/{kind}/{namespace}/{name}', { params: { path } })),
    }),
}

export interface ChangePath {
  owner: string
  repo: string
  number: number
}
interface ServiceQuery {
  owner?: string
  q?: string
  health?: 'healthy' | 'progressing' | 'degraded' | 'unknown' | 'absent'
  sync?: 'synced' | 'progressing' | 'drifted' | 'failed' | 'unknown' | 'absent'
  limit?: number
  cursor?: string
}
interface MatrixQuery extends ServiceQuery {
  differs?: string
}
interface TraceQuery {
  environment: string
  minutes: number
  limit?: number
  minDurationMs?: number
}
interface NotificationQuery {
  unread?: 'true'
  kind?: NotificationKind
  limit: number
  cursor?: string
}
interface RunQuery {
  state?: string
  service?: string
  workflow?: string
  mine?: string
  limit?: number
  cursor?: string
}
interface ChangeQuery {
  state?: 'open' | 'merged' | 'closed'
  service?: string
  kind?: 'service' | 'delivery' | 'platform'
  mine?: string
  limit?: number
}
interface AuditQuery {
  actor?: string
  object?: string
  action?: string
  run?: string
  limit: number
  cursor?: string
}
