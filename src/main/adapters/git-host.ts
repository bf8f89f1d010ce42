import type { AdapterChoice } from '#model/adapters.ts'
import type { GitHost } from '#ports/git-host.ts'
import { type AcceptedProduct, chooseProduct, product, type Products } from './product.ts'

// One line per product: name: async () => product({ options, open, checkConnection }), each imported here, lazily.
const products: Products<GitHost> = {
  gitea: async () => {
    const [{ gitea }, { GiteaOptions }, { checkConnection }] = await Promise.all([
      import('#adapters/git-host/gitea/gitea.ts'),
      import('#adapters/git-host/gitea/options.ts'),
      import('#adapters/git-host/gitea/check-connection.ts'),
    ])
    return product({
      options: GiteaOptions,
      open(options, { log, ...needs }) {
        const failed = (error: unknown) =>
          log.warn({ err: error }, 'a hook of the Git host was not followed up; the next look finds what it told')
        const { host, routes } = gitea(options, { ...needs, failed })
        return { adapter: host, routes: { prefix: '/hooks', plugin: routes } }
      },
      checkConnection,
    })
  },
}

/** Where repositories and change requests are kept. */
export function chooseGitHost(choice: AdapterChoice): Promise<AcceptedProduct<GitHost> | undefined> {
  return chooseProduct('gitHost', choice, products)
}
