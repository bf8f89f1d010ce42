import type { AdapterChoice } from '#model/adapters.ts'
import type { Logs } from '#ports/signals.ts'
import { type AcceptedProduct, chooseProduct, type Products } from './product.ts'

// One line per product: name: async () => product({ options, open, checkConnection }), each imported here, lazily.
const products: Products<Logs> = {}

/** Where logs are asked. */
export function chooseLogs(choice: AdapterChoice): Promise<AcceptedProduct<Logs> | undefined> {
  return chooseProduct('logs', choice, products)
}
