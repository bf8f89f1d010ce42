import type { MetricsAsCode } from '#ports/signals.ts'
import type { PrometheusOptions } from './options.ts'

/** What the operator asked for beside each service; undefined: nothing. */
export function asCodeOf({ labels, exportSeconds, grafana, alertRules }: PrometheusOptions): MetricsAsCode | undefined {
  if (!grafana && !alertRules) return undefined
  return {
    labels,
    exportSeconds,
    ...(grafana && { dashboards: { product: 'Grafana', addressOf: (uid) => grafanaAddress(grafana, uid) } }),
    ...(alertRules && { alertRules }),
  }
}

function grafanaAddress({ url, dataSource }: NonNullable<PrometheusOptions['grafana']>, uid: string): string {
  const address = new URL(`${url.replace(/\/+$/, '')}/d/${uid}`)
  if (dataSource) address.searchParams.set('var-datasource', dataSource)
  return address.href
}
