import { PlatformError } from '#errors/platform-error.ts'
import { isInside, type RepositoryReader } from './repository-reader.ts'

/** One thing that was read or guessed of a repository, and where. */
export interface Fact {
  readonly fact: 'name' | 'owner' | 'entry' | 'port' | 'health'
  readonly value: string
  /** `file:line`, the option that gave it, or that it is a guess. */
  readonly evidence: string
  readonly isGuess: boolean
}

export type Given = Readonly<Partial<Record<Fact['fact'], string>>>
export interface PackageJson {
  readonly name?: unknown
  readonly main?: unknown
  readonly scripts?: Readonly<Record<string, unknown>> | null
}

const nameForm = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/
const usualEntries = ['server', 'index', 'app', 'main', 'src/server', 'src/index', 'src/app', 'src/main']

/** What a service needs to be known by, from options first, then from the files; USAGE names what neither tells. */
export async function guessFacts(
  { reader, folderName, manifest }: { reader: RepositoryReader; folderName: string; manifest: PackageJson },
  given: Given,
): Promise<readonly Fact[]> {
  const packageText = (await reader.text('package.json')) ?? ''
  const dockerfile = (await reader.text('Dockerfile')) ?? ''
  const entry = givenFact('entry', given) ?? (await entryFact({ reader, manifest, packageText, dockerfile }))
  if (!entry || !isInside(entry.value) || (await reader.text(entry.value)) === undefined)
    throw new PlatformError(
      'USAGE',
      `which file starts the service is not to be seen${entry ? ` (${entry.value})` : ''}`,
      {
        hint: 'name a file of the folder: --entry src/server.js; a pipeline runs Node.js 24 and nothing else',
      },
    )
  const source = (await reader.text(entry.value)) ?? ''
  const owner = givenFact('owner', given) ?? (await ownerFact(reader))
  if (!owner || !nameForm.test(owner.value))
    throw new PlatformError('USAGE', 'no CODEOWNERS names a team for all files', {
      hint: 'name the team: --owner team-a',
    })
  return [
    nameFact(given, manifest, { folderName, packageText }),
    owner,
    entry,
    portFact(given, { source, entry: entry.value, dockerfile }),
    healthFact(given, { source, entry: entry.value }),
  ]
}

function givenFact(fact: Fact['fact'], given: Given): Fact | undefined {
  const value = given[fact]
  return value === undefined ? undefined : { fact, value, evidence: `--${fact}`, isGuess: false }
}

function nameFact(
  given: Given,
  manifest: PackageJson,
  { folderName, packageText }: { folderName: string; packageText: string },
): Fact {
  const named = typeof manifest.name === 'string' ? manifest.name.replace(/^@[^/]*\//, '') : undefined
  const found = givenFact('name', given) ?? {
    fact: 'name',
    value: named ?? folderName.toLowerCase(),
    evidence: named === undefined ? 'the folder’s name' : at('package.json', packageText, '"name"'),
    isGuess: true,
  }
  if (nameForm.test(found.value)) return found
  throw new PlatformError('USAGE', `${JSON.stringify(found.value.slice(0, 80))} cannot be a service’s name`, {
    hint: 'name it: --name shop, with lower-case letters, digits and hyphens, 40 at most',
  })
}

async function ownerFact(reader: RepositoryReader): Promise<Fact | undefined> {
  for (const path of ['CODEOWNERS', '.github/CODEOWNERS', 'docs/CODEOWNERS']) {
    const lines = ((await reader.text(path)) ?? '').split('\n')
    const index = lines.findLastIndex((line) => /^\*\s+@/.test(line))
    const value = /^\*\s+@(?:[\w.-]+\/)?([\w.-]+)/.exec(lines[index] ?? '')?.[1]?.toLowerCase()
    if (value) return { fact: 'owner', value, evidence: `${path}:${index + 1}`, isGuess: true }
  }
  return undefined
}

async function entryFact(read: {
  reader: RepositoryReader
  manifest: PackageJson
  packageText: string
  dockerfile: string
}): Promise<Fact | undefined> {
  const { reader, manifest, packageText, dockerfile } = read
  const fact = (value: string, evidence: string): Fact => ({
    fact: 'entry',
    value: value.replace(/^\.\//, ''),
    evidence,
    isGuess: true,
  })
  const start = /^node\s+([^\s-][^\s]*)\s*$/.exec(textOf(manifest.scripts?.['start']))?.[1]
  if (start) return fact(start, at('package.json', packageText, '"start"'))
  const command = /^CMD\s*\[\s*"node"\s*,\s*"([^"]+)"\s*\]/m.exec(dockerfile)?.[1]
  if (command) return fact(command, at('Dockerfile', dockerfile, 'CMD'))
  if (typeof manifest.main === 'string') return fact(manifest.main, at('package.json', packageText, '"main"'))
  for (const path of usualEntries.flatMap((name) => [`${name}.js`, `${name}.mjs`, `${name}.ts`]))
    if ((await reader.text(path)) !== undefined) return fact(path, `${path}:1`)
  return undefined
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function portFact(given: Given, files: { source: string; entry: string; dockerfile: string }): Fact {
  const found = givenFact('port', given) ?? portIn(files)
  if (/^\d{1,5}$/.test(found.value) && Number(found.value) >= 1 && Number(found.value) <= 65_535) return found
  throw new PlatformError('USAGE', `${found.value.slice(0, 20)} is no port (${found.evidence})`, {
    hint: '--port 8080',
  })
}

function portIn({ source, entry, dockerfile }: { source: string; entry: string; dockerfile: string }): Fact {
  const fact = (value: string, evidence: string): Fact => ({ fact: 'port', value, evidence, isGuess: true })
  const seen = /PORT['"\])]*\s*(?:\?\?|\|\|)\s*['"]?(\d{2,5})/.exec(source) ?? /\.listen\(\s*(\d{2,5})/.exec(source)
  if (seen?.[1]) return fact(seen[1], lineOf(entry, source, seen.index))
  const exposed = /^EXPOSE\s+(\d{1,5})/m.exec(dockerfile)
  if (exposed?.[1]) return fact(exposed[1], lineOf('Dockerfile', dockerfile, exposed.index))
  return fact('8080', 'nothing names one')
}

function healthFact(given: Given, { source, entry }: { source: string; entry: string }): Fact {
  const told = givenFact('health', given)
  const seen = /['"`](\/(?:readyz|healthz|livez|health|ready|ping|status))['"`]/.exec(source)
  const found = told ?? {
    fact: 'health' as const,
    value: seen?.[1] ?? '/',
    evidence: seen ? lineOf(entry, source, seen.index) : 'nothing names one',
    isGuess: true,
  }
  if (/^\/[\w./-]{0,200}$/.test(found.value)) return found
  throw new PlatformError('USAGE', 'a health path begins with / and has letters, digits and ._-/', {
    hint: '--health /healthz',
  })
}

function at(file: string, text: string, word: string): string {
  return lineOf(file, text, Math.max(0, text.indexOf(word)))
}

function lineOf(file: string, text: string, index: number): string {
  return `${file}:${text.slice(0, index).split('\n').length}`
}
