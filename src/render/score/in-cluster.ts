/** The service that an address of a cluster names, and what stands behind its host; undefined for any other text. */
export function inCluster(value: string): { readonly service: string; readonly rest: string } | undefined {
  const found = /^http:\/\/([a-z][a-z0-9-]*)\.[a-z0-9-]+\.svc(?:\.cluster\.local)?(?::\d+)?(?=\/|$)/.exec(value)
  return found ? { service: found[1] ?? '', rest: value.slice(found[0].length) } : undefined
}
