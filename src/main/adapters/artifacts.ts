import type { AdapterChoice } from '#model/adapters.ts'
import type { Artifacts } from '#ports/artifacts.ts'
import { type AcceptedProduct, type AdapterNeeds, chooseProduct, type Products } from './product.ts'

/** Little, since the agent opens it, too. */
export type ArtifactsNeeds = Pick<AdapterNeeds, 'scratch' | 'log'>

// One line per product: name: async () => product({ options, open, checkConnection }), each imported here, lazily.
const products: Products<Artifacts, ArtifactsNeeds> = {}

/** Where images are kept. */
export function chooseArtifacts(
  choice: AdapterChoice,
): Promise<AcceptedProduct<Artifacts, ArtifactsNeeds> | undefined> {
  return chooseProduct('artifacts', choice, products)
}
