/** Any object of a cluster, as JSON. Only what every object has is typed; the rest is for whoever knows the kind. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMetadata
  readonly [field: string]: unknown
}

export interface ObjectMetadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[]
  readonly managedFields?: readonly unknown[]
}

/** A kind of objects, and the namespace to look in; all of them when absent. */
export interface KindRef {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
}

export interface ObjectRef extends KindRef {
  readonly name: string
}

/** One object by its own words. */
export function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubernetesObject): ObjectRef {
  return { apiVersion, kind, name, ...(namespace && { namespace }) }
}
