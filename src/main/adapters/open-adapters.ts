import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Around } from '../around.ts'
import type { AcceptedProduct, AdapterNeeds, OpenAdapter } from './product.ts'

/** What stands behind a port; `local` is the same object, known by its own type, when it is the embedded one. */
export interface Behind<Port, Local> {
  readonly adapter: Port
  readonly local: Local | undefined
}

export type MountedRoutes = NonNullable<OpenAdapter<unknown>['routes']>

/** Opens adapters one by one; what they need mounted is collected, what they need closed goes to `opened`. */
export function adapterOpener(options: {
  readonly dataFolder: string
  readonly needs: Omit<AdapterNeeds, 'scratch'>
  readonly opened: AsyncDisposableStack
  readonly around: Around['port']
}) {
  const { dataFolder, needs, opened, around } = options
  const routes: MountedRoutes[] = []
  return {
    routes,
    async open<Port extends object, Local extends Port>(
      port: Parameters<Around['port']>[0],
      accepted: Pick<AcceptedProduct<Port>, 'name' | 'open'> | undefined,
      embedded: () => Local,
    ): Promise<Behind<Port, Local>> {
      if (!accepted) {
        const local = around(port, embedded())
        return { adapter: local, local }
      }
      const scratch = join(dataFolder, 'adapters', port, accepted.name)
      await mkdir(scratch, { recursive: true, mode: 0o700 })
      const product = await accepted.open({ ...needs, scratch })
      opened.defer(async () => product.close?.())
      if (product.routes) routes.push(product.routes)
      return { adapter: around(port, product.adapter), local: undefined }
    },
  }
}
