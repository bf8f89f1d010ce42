import { readFileSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { SessionAccess } from './command.ts'

interface SessionsFile {
  /** Where commands go, once `fairway auth switch` or a login there said so. */
  server?: string | undefined
  readonly servers: Record<string, { current?: string | undefined; people: Record<string, string> }>
}

/** Sessions by server and person, in a file only the user may read; FAIRWAY_TOKEN wins over it. */
export function sessionAccess({
  server,
  as,
  env,
}: {
  server: string
  as: string | undefined
  env: NodeJS.ProcessEnv
}): Omit<SessionAccess, 'fetch'> {
  const path = pathIn(env)
  const person = async () => as ?? (await read(path)).servers[server]?.current
  return {
    server,
    person,
    async token() {
      if (env.FAIRWAY_TOKEN && !as) return env.FAIRWAY_TOKEN
      const name = await person()
      return name === undefined ? undefined : (await read(path)).servers[server]?.people[name]
    },
    save: (name, token) =>
      change(path, (file) => {
        const known = file.servers[server] ?? { people: {} }
        file.servers[server] = { current: name, people: { ...known.people, [name]: token } }
      }),
    async forget() {
      const name = await person()
      await change(path, (file) => {
        const known = file.servers[server]
        if (!known || !name) return
        delete known.people[name]
        if (known.current === name) known.current = Object.keys(known.people)[0]
      })
    },
    known: async () =>
      Object.entries((await read(path)).servers).map(([name, { current, people }]) => ({
        server: name,
        current,
        people: Object.entries(people).map(([person, token]) => ({ name: person, token })),
      })),
    choose: (chosen, name) =>
      change(path, (file) => {
        file.server = chosen
        const known = file.servers[chosen]
        if (known && name !== undefined) known.current = name
      }),
  }
}

/** The server that was chosen once and for all; undefined when none was. */
export function chosenServer(env: NodeJS.ProcessEnv): string | undefined {
  try {
    return parsed(readFileSync(pathIn(env), 'utf8')).server
  } catch {
    return undefined
  }
}

function pathIn(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME ?? homedir(), '.config'), 'fairway', 'sessions.json')
}

async function read(path: string): Promise<SessionsFile> {
  return parsed(await readFile(path, 'utf8').catch(() => ''))
}

function parsed(text: string): SessionsFile {
  try {
    const file: unknown = JSON.parse(text)
    if (isSessionsFile(file)) return file
  } catch {
    // half written or not ours: as if nobody were signed in
  }
  return { servers: {} }
}

// By hand, since a schema library would double the time of `fairway --help`.
function isSessionsFile(file: unknown): file is SessionsFile {
  const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
  return (
    isRecord(file) &&
    (file['server'] === undefined || typeof file['server'] === 'string') &&
    isRecord(file['servers']) &&
    Object.values(file['servers']).every(
      (server) =>
        isRecord(server) &&
        isRecord(server['people']) &&
        Object.values(server['people']).every((token) => typeof token === 'string'),
    )
  )
}

async function change(path: string, edit: (file: SessionsFile) => void): Promise<void> {
  const file = await read(path)
  edit(file)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(`${path}.new`, JSON.stringify(file), { mode: 0o600 })
  await rename(`${path}.new`, path)
}
