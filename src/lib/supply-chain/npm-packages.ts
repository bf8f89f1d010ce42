import { z } from 'zod'

export interface InstalledPackage {
  readonly name: string
  readonly version: string
  readonly license?: string
  /** The file that says so. */
  readonly evidence: string
}

export interface LockedPackage {
  readonly name: string
  readonly version: string
  readonly license?: string
  /** SHA-512 of the package's archive in hex, as the lockfile has it. */
  readonly sha512?: string
  readonly url?: string
}

const PackageName = z
  .string()
  .regex(/^(@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/i)
  .max(214)
const Version = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z.+~_-]*$/)
  .max(256)
const License = z
  .string()
  .regex(/^[A-Za-z0-9.()+ -]+$/)
  .max(200)

const PackageJson = z.looseObject({ name: PackageName, version: Version, license: z.unknown() })

/** Name, version and licence in a package.json; undefined when it has no name and version that npm would take. */
export function packageIn(text: string, evidence: string): InstalledPackage | undefined {
  const read = PackageJson.safeParse(jsonIn(text))
  if (!read.success) return undefined
  const { name, version } = read.data
  const license = License.safeParse(read.data.license).data
  return { name, version, ...(license && { license }), evidence }
}

const Lockfile = z.looseObject({ packages: z.record(z.string(), z.unknown()) })
const LockEntry = z.looseObject({
  name: PackageName.optional(),
  version: Version,
  dev: z.boolean().default(false),
  license: z.unknown(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
})

/** What a package-lock.json (version 2 or 3) would install for production. Entries that are none are left out. */
export function lockedPackages(text: string): readonly LockedPackage[] {
  const lock = Lockfile.safeParse(jsonIn(text))
  if (!lock.success) return []
  const found = new Map<string, LockedPackage>()
  for (const [path, value] of Object.entries(lock.data.packages)) {
    const at = path.lastIndexOf('node_modules/')
    const entry = LockEntry.safeParse(value).data
    const name = PackageName.safeParse(entry?.name ?? path.slice(at + 'node_modules/'.length)).data
    if (at < 0 || !entry || entry.dev || !name) continue
    const sha512 = sha512In(entry.integrity)
    const url = publicUrl(entry.resolved)
    const license = License.safeParse(entry.license).data
    found.set(`${name}@${entry.version}`, {
      name,
      version: entry.version,
      ...(license && { license }),
      ...(sha512 && { sha512 }),
      ...(url && { url }),
    })
  }
  return [...found.values()].slice(0, 20_000)
}

function sha512In(integrity: string | undefined): string | undefined {
  const match = /(?:^|\s)sha512-([A-Za-z0-9+/]{86}==)/.exec(integrity ?? '')
  return match?.[1] && Buffer.from(match[1], 'base64').toString('hex')
}

function publicUrl(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : undefined
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
