import type { AdapterChoice } from '#model/adapters.ts'
import { type AcceptedProduct, chooseProduct, type Products } from './product.ts'

// One line per product: name: async () => product({ options, open, checkConnection }), each imported here, lazily.
const products: Products<object> = {}

/** What guards the cluster's door. `local`: the embedded reconciler looks at signatures itself and no product is asked. */
export function chooseAdmission(choice: AdapterChoice): Promise<AcceptedProduct<object> | undefined> {
  return chooseProduct('admission', choice, products)
}
