import type { AdapterChoice } from '#model/adapters.ts'
import type { Traces } from '#ports/signals.ts'
import { type AcceptedProduct, chooseProduct, product, type Products } from './product.ts'

// Each product is imported when it is chosen, not before.
const products: Products<Traces> = {
  jaeger: async () => {
    const { JaegerOptions } = await import('#adapters/traces/jaeger/options.ts')
    const { jaegerTraces } = await import('#adapters/traces/jaeger/jaeger.ts')
    const { checkConnection } = await import('#adapters/traces/jaeger/check-connection.ts')
    return product({ options: JaegerOptions, open: (options) => ({ adapter: jaegerTraces(options) }), checkConnection })
  },
  tempo: async () => {
    const { TempoOptions } = await import('#adapters/traces/tempo/options.ts')
    const { tempoTraces } = await import('#adapters/traces/tempo/tempo.ts')
    const { checkConnection } = await import('#adapters/traces/tempo/check-connection.ts')
    return product({ options: TempoOptions, open: (options) => ({ adapter: tempoTraces(options) }), checkConnection })
  },
}

/** Where traces are asked. */
export function chooseTraces(choice: AdapterChoice): Promise<AcceptedProduct<Traces> | undefined> {
  return chooseProduct('traces', choice, products)
}
