import type { AdapterChoice } from '#model/adapters.ts'
import type { Admission } from '#ports/admission.ts'
import { type AcceptedProduct, chooseProduct, product, type Products } from './product.ts'

// One line per product: name: async () => product({ options, open, checkConnection }), each imported here, lazily.
const products: Products<Admission> = {
  gatekeeper: async () => {
    const { gatekeeper } = await import('#adapters/admission/gatekeeper/gatekeeper.ts')
    const { GatekeeperOptions } = await import('#adapters/admission/gatekeeper/options.ts')
    const { checkConnection } = await import('#adapters/admission/gatekeeper/check-connection.ts')
    return product({
      options: GatekeeperOptions,
      open: (options) => ({ adapter: gatekeeper(options) }),
      checkConnection,
    })
  },
}

/** What guards the cluster's door. `local`: there is no cluster, and nothing is enforced behind the change gate. */
export function chooseAdmission(choice: AdapterChoice): Promise<AcceptedProduct<Admission> | undefined> {
  return chooseProduct('admission', choice, products)
}
