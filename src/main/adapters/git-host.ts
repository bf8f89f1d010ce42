import type { AdapterChoice } from '#model/adapters.ts'
import type { GitHost } from '#ports/git-host.ts'
import { type AcceptedProduct, chooseProduct, type Products } from './product.ts'

// One line per product: name: async () => product({ options, open, checkConnection }), each imported here, lazily.
const products: Products<GitHost> = {}

/** Where repositories and change requests are kept. */
export function chooseGitHost(choice: AdapterChoice): Promise<AcceptedProduct<GitHost> | undefined> {
  return chooseProduct('gitHost', choice, products)
}
