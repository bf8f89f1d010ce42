import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { type ApiClient, dataOf } from '../client/client.ts'

/** Names that a command line may be completed with. */
export interface KnownNames {
  readonly services: readonly string[]
  readonly environments: readonly string[]
  readonly templates: readonly string[]
  readonly runs: readonly string[]
  readonly changes: readonly string[]
  readonly teams: readonly string[]
  readonly people: readonly string[]
}

const nobody: KnownNames = {
  services: [],
  environments: [],
  templates: [],
  runs: [],
  changes: [],
  teams: [],
  people: [],
}
const freshMs = 60_000

/**
 * Names of a platform as a person sees them, at most a minute old, from a file that only the user may read. A platform that
 * does not answer in time gives none: whoever presses Tab must not wait, and reads no error.
 */
export async function knownNames(
  whose: { server: string; person: string | undefined; env: NodeJS.ProcessEnv; patienceMs: number },
  api: () => Promise<ApiClient>,
): Promise<KnownNames> {
  const file = fileOf(whose)
  const kept = await stat(file).catch(() => undefined)
  if (kept && Date.now() - kept.mtimeMs < freshMs) {
    const names = await readFile(file, 'utf8')
      .then(JSON.parse)
      .catch(() => undefined)
    if (isNames(names)) return names
  }
  const names = await ask(api, AbortSignal.timeout(whose.patienceMs)).catch(() => undefined)
  if (!names) return nobody
  await keep(file, names).catch(() => {})
  return names
}

/** Requests are given up, not left behind: an open one would keep the process, and with it the command line, waiting. */
async function ask(api: () => Promise<ApiClient>, signal: AbortSignal): Promise<KnownNames> {
  const client = await api()
  const [services, environments, templates, runs, changes, known] = await Promise.all([
    dataOf(client.GET('/api/v1/services', { signal, params: { query: { limit: 200 } } })),
    dataOf(client.GET('/api/v1/environments', { signal })),
    dataOf(client.GET('/api/v1/templates', { signal })),
    dataOf(client.GET('/api/v1/runs', { signal, params: { query: { limit: 30 } } })),
    dataOf(client.GET('/api/v1/changes', { signal, params: { query: { state: 'open' } } })),
    dataOf(client.GET('/api/v1/people', { signal })),
  ])
  return {
    services: services.items.map(({ name }) => name),
    environments: environments.items.map(({ metadata }) => metadata.name),
    templates: templates.items.map(({ name }) => name),
    runs: runs.items.map(({ id }) => id),
    changes: changes.items.map(({ id }) => id),
    teams: known.teams.map(({ name }) => name),
    people: known.people.map(({ name }) => name),
  }
}

function fileOf({
  server,
  person,
  env,
}: {
  server: string
  person: string | undefined
  env: NodeJS.ProcessEnv
}): string {
  const folder = env['XDG_CACHE_HOME'] || join(env['HOME'] ?? homedir(), '.cache')
  const key = createHash('sha256').update([server, person, env['FAIRWAY_TOKEN']].join('\0')).digest('hex').slice(0, 16)
  return join(folder, 'fairway', `names-${key}.json`)
}

async function keep(file: string, names: KnownNames): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}`
  await writeFile(draft, JSON.stringify(names), { mode: 0o600 })
  await rename(draft, file)
}

function isNames(value: unknown): value is KnownNames {
  const found = (value ?? {}) as Record<string, unknown>
  return Object.keys(nobody).every((name) => Array.isArray(found[name]))
}
