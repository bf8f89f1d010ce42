import type { AdapterChoice } from '#model/adapters.ts'
import type { Delivery } from '#ports/delivery.ts'
import { type AcceptedProduct, chooseProduct, product, type Products } from './product.ts'

// One line per product: name: async () => product({ options, open, checkConnection }), each imported here, lazily.
const products: Products<Delivery> = {
  'argo-cd': async () => {
    const [{ argoCd }, { ArgoCdOptions }, { checkConnection }, { deliveryCommits }] = await Promise.all([
      import('#adapters/delivery/argo-cd/argo-cd.ts'),
      import('#adapters/delivery/argo-cd/options.ts'),
      import('#adapters/delivery/argo-cd/check-connection.ts'),
      import('#adapters/delivery/delivery-commits.ts'),
    ])
    return product({
      options: ArgoCdOptions,
      open: (options, { gitHost }) => ({ adapter: argoCd(options, { commits: deliveryCommits(gitHost) }) }),
      checkConnection,
    })
  },
  flux: async () => {
    const [{ flux }, { FluxOptions }, { checkConnection }, { deliveryCommits }] = await Promise.all([
      import('#adapters/delivery/flux/flux.ts'),
      import('#adapters/delivery/flux/options.ts'),
      import('#adapters/delivery/flux/check-connection.ts'),
      import('#adapters/delivery/delivery-commits.ts'),
    ])
    return product({
      options: FluxOptions,
      open: (options, { gitHost }) => ({ adapter: flux(options, { commits: deliveryCommits(gitHost) }) }),
      checkConnection,
    })
  },
}

/** What makes the delivery repository so. */
export function chooseDelivery(choice: AdapterChoice): Promise<AcceptedProduct<Delivery> | undefined> {
  return chooseProduct('delivery', choice, products)
}
