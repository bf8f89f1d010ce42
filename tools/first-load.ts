import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What a browser fetches before a page can be used, by the page's address in the router. */
export interface FirstLoad {
  readonly route: string
  readonly files: number
  /** As brotli and gzip send them. */
  readonly brotli: number
  readonly gzip: number
}

interface Chunk {
  readonly file: string
  readonly css?: readonly string[]
  readonly imports?: readonly string[]
  readonly dynamicImports?: readonly string[]
}
type Manifest = Readonly<Record<string, Chunk>>

/** No first load may be larger, compressed. */
export const firstLoadLimit = 250_000

const root = join(import.meta.dirname, '..')
const dist = join(root, 'portal/dist')

/** Every route of the router with the bytes of its first load: the page itself, the shell, and all that both import at once. */
export function firstLoads(): readonly FirstLoad[] {
  const manifest = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8')) as Manifest
  return routes().map(({ route, source }) => {
    if (!manifest[source]) throw new Error(`${source} of ${route} is no chunk of its own: every first load carries it`)
    const files = ['index.html', 'color-scheme.js', 'favicon.svg', ...filesOf(manifest, ['index.html', source])]
    return { route, files: files.length, brotli: bytesOf(files, 'br'), gzip: bytesOf(files, 'gz') }
  })
}

/** The addresses of the router and the file of each page, as portal/app/router.tsx imports them. */
function routes(): readonly { route: string; source: string }[] {
  const router = readFileSync(join(root, 'portal/app/router.tsx'), 'utf8')
  const lazy = /'(\/[^']*)',?:?\s*(?:component:)?\s*lazyRouteComponent\(\s*\(\) => import\('\.\.\/(pages\/[^']+)'\)/g
  const found = [...router.matchAll(lazy)].map(([, route = '', source = '']) => ({ route, source }))
  const imports = router.match(/import\('\.\.\/pages\//g)?.length ?? 0
  const others = imports - found.length
  if (found.length === 0 || others !== 0)
    throw new Error(`${others} pages of portal/app/router.tsx were not understood`)
  return found
}

function filesOf(manifest: Manifest, entries: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  const visit = (name: string) => {
    const chunk = manifest[name]
    if (!chunk || seen.has(name)) return
    seen.add(name)
    chunk.imports?.forEach(visit)
  }
  entries.forEach(visit)
  const chunks = [...seen].map((name) => manifest[name]).filter((chunk) => chunk !== undefined)
  return [...new Set(chunks.flatMap(({ file, css = [] }) => [file, ...css]))]
}

function bytesOf(files: readonly string[], encoding: 'br' | 'gz'): number {
  return files.reduce((sum, file) => sum + statSync(join(dist, `${file}.${encoding}`)).size, 0)
}
