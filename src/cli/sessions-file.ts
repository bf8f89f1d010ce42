import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { SessionAccess } from './command.ts'

const SessionsFile = z.object({
  servers: z.record(z.string(), z.object({ current: z.string().optional(), people: z.record(z.string(), z.string()) })),
})
type SessionsFile = z.infer<typeof SessionsFile>

/** Sessions by server and person, in a file only the user may read; FAIRWAY_TOKEN wins over it. */
export function sessionAccess({
  server,
  as,
  env,
}: {
  server: string
  as: string | undefined
  env: NodeJS.ProcessEnv
}): SessionAccess {
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
    return SessionsFile.parse(JSON.parse(text))
  } catch {
    return { servers: {} }
  }
}

async function change(path: string, edit: (file: SessionsFile) => void): Promise<void> {
  const file = await read(path)
  edit(file)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(`${path}.new`, JSON.stringify(file), { mode: 0o600 })
  await rename(`${path}.new`, path)
}
