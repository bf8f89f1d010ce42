import type { AdapterChoice } from '#model/adapters.ts'
import type { Logs } from '#ports/signals.ts'
import { type AcceptedProduct, chooseProduct, product, type Products } from './product.ts'

// Each product is imported when it is chosen, not before.
const products: Products<Logs> = {
  loki: async () => {
    const { LokiOptions } = await import('#adapters/logs/loki/options.ts')
    const { lokiLogs } = await import('#adapters/logs/loki/loki.ts')
    const { checkConnection } = await import('#adapters/logs/loki/check-connection.ts')
    return product({
      options: LokiOptions,
      open: (options) => {
        const adapter = lokiLogs(options)
        return { adapter, close: async () => adapter.close() }
      },
      checkConnection,
    })
  },
}

/** Where logs are asked. */
export function chooseLogs(choice: AdapterChoice): Promise<AcceptedProduct<Logs> | undefined> {
  return chooseProduct('logs', choice, products)
}
