import type { AdapterChoice } from '#model/adapters.ts'
import type { Traces } from '#ports/signals.ts'
import { type AcceptedProduct, chooseProduct, type Products } from './product.ts'

// One line per product: name: async () => product({ options, open, checkConnection }), each imported here, lazily.
const products: Products<Traces> = {}

/** Where traces are asked. */
export function chooseTraces(choice: AdapterChoice): Promise<AcceptedProduct<Traces> | undefined> {
  return chooseProduct('traces', choice, products)
}
