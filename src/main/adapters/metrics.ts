import type { AdapterChoice } from '#model/adapters.ts'
import type { Metrics } from '#ports/signals.ts'
import { type AcceptedProduct, chooseProduct, product, type Products } from './product.ts'

// Each product is imported when it is chosen, not before.
const products: Products<Metrics> = {
  prometheus: async () => {
    const { PrometheusOptions } = await import('#adapters/metrics/prometheus/options.ts')
    const { prometheusMetrics } = await import('#adapters/metrics/prometheus/prometheus.ts')
    const { checkConnection } = await import('#adapters/metrics/prometheus/check-connection.ts')
    return product({
      options: PrometheusOptions,
      open: (options) => ({ adapter: prometheusMetrics(options) }),
      checkConnection,
    })
  },
}

/** Where metrics are asked. */
export function chooseMetrics(choice: AdapterChoice): Promise<AcceptedProduct<Metrics> | undefined> {
  return chooseProduct('metrics', choice, products)
}
