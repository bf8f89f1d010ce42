import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { PlatformError } from '#errors/platform-error.ts'

/** The port a variable asks for, or its default. */
export function portFrom(env: NodeJS.ProcessEnv, variable: string, usual: number): number {
  const text = env[variable] ?? String(usual)
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new PlatformError('USAGE', `${variable} is not a port number: ${text}`, {
    hint: 'use a number from 0 to 65535',
  })
}

/** Throws PORT_TAKEN, with the process that listens there where this machine tells. */
export async function requireFreePort(port: number, variable: string): Promise<void> {
  if (port === 0) return
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw cause
    const holder = code === 'EACCES' ? 'closed to this user' : `taken by ${holderOf(port) ?? 'another process'}`
    const hint = `choose another one: ${variable}=${port + 1}`
    throw new PlatformError('PORT_TAKEN', `port ${port} is ${holder}`, { hint, cause })
  }
  server.close()
  await once(server, 'close')
}

/** The listener as `process 4711 (nginx)`. Linux only, and only processes that we may look into. */
export function holderOf(port: number): string | undefined {
  if (process.platform !== 'linux') return undefined
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listenersIn(table, port)))
  const pid = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((id) => hasSocket(id, inodes))
  if (pid === undefined) return undefined
  const name = quietly(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()) ?? 'unknown'
  return `process ${pid} (${name})`
}

// Columns: 1 local address, 3 state (0A listens), 9 the socket's inode.
function listenersIn(table: string, port: number): string[] {
  const lines = quietly(() => readFileSync(table, 'utf8').split('\n')) ?? []
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(wanted) && columns[3] === '0A')
    .map((columns) => `socket:[${columns[9]}]`)
}

function hasSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  const files = quietly(() => readdirSync(`/proc/${pid}/fd`)) ?? []
  return files.some((fd) => inodes.has(quietly(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? ''))
}

function quietly<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined // the process ended meanwhile, or belongs to somebody else
  }
}
