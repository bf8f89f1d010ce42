import { PlatformError } from '#errors/platform-error.ts'
import type { KindRef } from './objects.ts'

/** Where the objects of a kind live. */
export interface Resource {
  /** As roles name it: `deployments.apps`. */
  readonly fullName: string
  readonly isNamespaced: boolean
  /** Address of one object, or of all of them. */
  path(where: { readonly namespace?: string | undefined; readonly name?: string }): string
}

export interface Discovery {
  /** Undefined when the cluster does not know the kind. */
  find(kind: KindRef, signal: AbortSignal): Promise<Resource | undefined>
  /** CLUSTER_KIND_UNKNOWN when the cluster does not know the kind. */
  need(kind: KindRef, signal: AbortSignal): Promise<Resource>
}

interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[]
}

const forgetMissingMs = 2_000

/** Asks the cluster which kinds it knows, once per group; what it did not know is asked for again after 2 s. */
export function discovery(read: (path: string, signal: AbortSignal) => Promise<unknown>): Discovery {
  const groups = new Map<string, { readonly list: ResourceList; readonly at: number }>()
  const groupOf = async (apiVersion: string, signal: AbortSignal, kind: string) => {
    const known = groups.get(apiVersion)
    if (known && (has(known.list, kind) || performance.now() - known.at < forgetMissingMs)) return known.list
    const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    const list = ((await read(path, signal)) ?? {}) as ResourceList
    groups.set(apiVersion, { list, at: performance.now() })
    return list
  }
  const find: Discovery['find'] = async ({ apiVersion, kind }, signal) => {
    if (!/^[a-z0-9.-]+(\/[a-z0-9]+)?$/.test(apiVersion)) return undefined
    const list = await groupOf(apiVersion, signal, kind)
    const entry = has(list, kind)
    return entry && resourceOf(apiVersion, entry)
  }
  return {
    find,
    async need(kind, signal) {
      const resource = await find(kind, signal)
      if (resource) return resource
      throw new PlatformError('CLUSTER_KIND_UNKNOWN', `the cluster does not know ${kind.kind} of ${kind.apiVersion}`)
    },
  }
}

function has({ resources = [] }: ResourceList, kind: string) {
  return resources.find((one) => one.kind === kind && !one.name.includes('/'))
}

function resourceOf(apiVersion: string, { name, namespaced }: { name: string; namespaced: boolean }): Resource {
  const [group] = apiVersion.split('/')
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return {
    fullName: apiVersion.includes('/') ? `${name}.${group}` : name,
    isNamespaced: namespaced,
    path({ namespace, name: object }) {
      const inside = namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : ''
      return `${root}${inside}/${name}${object ? `/${encodeURIComponent(object)}` : ''}`
    },
  }
}
