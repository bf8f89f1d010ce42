import type { AdapterChoice } from '#model/adapters.ts'
import type { Delivery } from '#ports/delivery.ts'
import { type AcceptedProduct, chooseProduct, type Products } from './product.ts'

// One line per product: name: async () => product({ options, open, checkConnection }), each imported here, lazily.
const products: Products<Delivery> = {}

/** What makes the delivery repository so. */
export function chooseDelivery(choice: AdapterChoice): Promise<AcceptedProduct<Delivery> | undefined> {
  return chooseProduct('delivery', choice, products)
}
