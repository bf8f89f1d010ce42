import type { AdapterChoice } from '#model/adapters.ts'
import type { Artifacts } from '#ports/artifacts.ts'
import { type AcceptedProduct, type AdapterNeeds, chooseProduct, product, type Products } from './product.ts'

/** Little, since the agent opens it, too. */
export type ArtifactsNeeds = Pick<AdapterNeeds, 'scratch' | 'log'>

// One line per product: name: async () => product({ options, open, checkConnection }), each imported here, lazily.
const products: Products<Artifacts, ArtifactsNeeds> = {
  'oci-registry': async () => {
    const [{ ociRegistry }, { OciRegistryOptions }, { checkConnection }] = await Promise.all([
      import('#adapters/artifacts/oci-registry/oci-registry.ts'),
      import('#adapters/artifacts/oci-registry/options.ts'),
      import('#adapters/artifacts/oci-registry/check-connection.ts'),
    ])
    return product({
      options: OciRegistryOptions,
      open: (options) => ({ adapter: ociRegistry(options) }),
      checkConnection,
    })
  },
}

/** Where images are kept. */
export function chooseArtifacts(
  choice: AdapterChoice,
): Promise<AcceptedProduct<Artifacts, ArtifactsNeeds> | undefined> {
  return chooseProduct('artifacts', choice, products)
}
