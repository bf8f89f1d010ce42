import { describeProductFaults } from '../../../../testing/product-faults.ts'
import { PrometheusOptions } from './options.ts'
import { prometheusMetrics } from './prometheus.ts'

describeProductFaults({
  product: 'Prometheus',
  read(url, token) {
    const metrics = prometheusMetrics(PrometheusOptions.parse({ url, token }), { timeoutMs: 3_000 })
    const [from, to] = ['2026-11-01T10:00:00.000Z', '2026-11-01T11:00:00.000Z']
    return metrics.golden({ service: 'shop', environment: 'dev' }, { from, to }, 10)
  },
})
