import type { AdapterChoice } from '#model/adapters.ts'
import type { Metrics } from '#ports/signals.ts'
import { type AcceptedProduct, chooseProduct, type Products } from './product.ts'

// One line per product: name: async () => product({ options, open, checkConnection }), each imported here, lazily.
const products: Products<Metrics> = {}

/** Where metrics are asked. */
export function chooseMetrics(choice: AdapterChoice): Promise<AcceptedProduct<Metrics> | undefined> {
  return chooseProduct('metrics', choice, products)
}
