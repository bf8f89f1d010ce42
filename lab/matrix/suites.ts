import { globSync } from 'node:fs'
import { join } from 'node:path'

/** Tests that show what one product keeps of one port's promises. */
export interface Suite {
  readonly port: string
  readonly product: string
  readonly files: readonly string[]
}

/**
 * Every suite of this checkout, found by its place: `src/adapters/<port>/<product>/*.lab.test.ts` for a product,
 * the files that call the port's contract for the embedded adapter, and lab tests of other places under `lab`.
 */
export function suitesOf(root: string): readonly Suite[] {
  const suites = new Map<string, Suite>()
  const add = (port: string, product: string, file: string) => {
    const key = `${port}/${product}`
    suites.set(key, { port, product, files: [...(suites.get(key)?.files ?? []), file] })
  }
  const labTests = globSync('{src,lab,deploy,test}/**/*.lab.test.ts', { cwd: root }).sort()
  const portsWithProducts = new Set(labTests.flatMap((file) => adapterPlace(file)?.port ?? []))
  for (const file of labTests) {
    const place = adapterPlace(file)
    if (place) add(place.port, place.product, file)
    else add(`lab: ${file.split('/').slice(0, -1).join('/')}`, nameOf(file), file)
  }
  for (const port of portsWithProducts)
    for (const file of globSync(`src/adapters/${port}/local/{local,contract}.test.ts`, { cwd: root }))
      add(port, 'local', file)
  return [...suites.values()].sort((a, b) => order(a).localeCompare(order(b)))
}

/** Absolute paths of a suite's files. */
export const filesOf = (suite: Suite, root: string): string[] => suite.files.map((file) => join(root, file))

function adapterPlace(file: string): { port: string; product: string } | undefined {
  const [, port, product] = /^src\/adapters\/([^/]+)\/([^/]+)\//.exec(file) ?? []
  return port !== undefined && product !== undefined ? { port, product } : undefined
}

const nameOf = (file: string): string => (file.split('/').at(-1) ?? file).replace('.lab.test.ts', '')

// The embedded adapter first: its promises name the rows.
const order = ({ port, product }: Suite): string => `${port} ${product === 'local' ? '' : product}`
