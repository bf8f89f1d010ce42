import type { AdapterChoice } from '#model/adapters.ts'
import type { Artifacts } from '#ports/artifacts.ts'
import { type AcceptedProduct, chooseProduct, type Products } from './product.ts'

// One line per product: name: async () => product({ options, open, checkConnection }), each imported here, lazily.
const products: Products<Artifacts> = {}

/** Where images are kept. */
export function chooseArtifacts(choice: AdapterChoice): Promise<AcceptedProduct<Artifacts> | undefined> {
  return chooseProduct('artifacts', choice, products)
}
