import { type GoldenQuery, goldenQueries } from '#lib/promql/golden-signals.ts'
import { dashboardUid } from '#lib/promql/dashboard-uid.ts'
import { printPromql } from '#lib/promql/tree.ts'
import { type ObservabilityRequest, scopeOf } from './request.ts'

const titles = { requests: 'Requests', errors: 'Errors', latency: 'Latency', memory: 'Memory', cpu: 'CPU' } as const
const units = { requests: 'reqps', errors: 'percentunit', latency: 'ms', memory: 'bytes', cpu: 'none' } as const

/** Grafana's model of a dashboard: one panel for each golden signal, from the queries of the service's page. */
export function dashboard(request: ObservabilityRequest) {
  const { service, environment, owner, portalUrl, exportSeconds } = request
  const queries = goldenQueries(scopeOf(request), Math.max(60, exportSeconds * 2.5))
  const names = [...new Set(queries.map(({ name }) => name))]
  return {
    uid: dashboardUid(request),
    title: `${service} in ${environment}`,
    description: 'Written by Fairway: changes made here are overwritten.',
    tags: ['fairway', service, environment, owner],
    schemaVersion: 39,
    editable: false,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    links: [
      {
        title: 'Page in Fairway',
        type: 'link' as const,
        url: `${portalUrl}/catalog/component/default/${service}?environment=${environment}`,
        icon: 'external link',
        tooltip: '',
        tags: [],
        asDropdown: false,
        targetBlank: true,
        includeVars: false,
        keepTime: false,
      },
    ],
    annotations: { list: [] },
    templating: {
      list: [
        {
          name: 'datasource',
          label: 'Prometheus',
          type: 'datasource' as const,
          query: 'prometheus',
          skipUrlSync: false,
        },
      ],
    },
    panels: names.map((name, at) =>
      panel(
        name,
        at,
        queries.filter((query) => query.name === name),
      ),
    ),
  }
}

const datasource = { type: 'prometheus', uid: '${datasource}' }

function panel(name: GoldenQuery['name'], at: number, queries: readonly GoldenQuery[]) {
  return {
    id: at + 1,
    type: 'timeseries',
    title: titles[name],
    transparent: false,
    datasource,
    gridPos: { x: (at % 2) * 12, y: Math.floor(at / 2) * 8, w: 12, h: 8 },
    fieldConfig: { defaults: { unit: units[name], min: 0 }, overrides: [] },
    targets: queries.map(({ tree, by, labels }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr: printPromql(tree),
      legendFormat: by ? `{{${by}}}` : Object.values(labels).join(' ') || name,
    })),
  }
}
