import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { SessionAccess } from './command.ts'

interface SessionsFile {
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
  const path = join(env.XDG_CONFIG_HOME || join(env.HOME ?? homedir(), '.config'), 'fairway', 'sessions.json')
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
  }
}

async function read(path: string): Promise<SessionsFile> {
  const text = await readFile(path, 'utf8').catch(() => '{"servers":{}}')
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
