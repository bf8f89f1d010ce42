import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort, isFree } from '#lib/free-port.ts'
import type { Development, DevelopmentHears, DevelopmentWanted } from '#cli/command.ts'
import { PlatformError } from '#errors/platform-error.ts'
import { startGroup, stopGroup } from '#lib/process-group.ts'
import { listensWithin, openDoor } from './door.ts'
import { output } from './output.ts'

const startMs = 60_000

/** Starts the command behind a doorkeeper. It never outlives this process: see guard.ts. */
export async function develop(wanted: DevelopmentWanted, hears: DevelopmentHears): Promise<Development> {
  const port = wanted.port === undefined ? await freePort() : await requireFree(wanted.port)
  const words = output(wanted, hears)
  const { child, ref } = await startGroup(
    {
      argv: [process.execPath, join(import.meta.dirname, 'guard.ts'), ...wanted.argv],
      cwd: wanted.folder,
      env: environmentOf(wanted, port),
    },
    ['pipe', 'pipe', 'pipe'],
  )
  child.stdin?.on('error', () => {}) // it ended first
  if (child.stdout) words.read(child.stdout, 'stdout')
  if (child.stderr) words.read(child.stderr, 'stderr')
  let isRunning = true
  const ended = (async () => {
    const closed = once(child, 'close')
    const [code] = (await once(child, 'exit')) as [number | null]
    isRunning = false
    await stopGroup(ref, { graceMs: 2_000 }) // what it started and left behind
    await Promise.race([closed, pause(1_000)])
    return { code, lastWords: words.lastWords }
  })()
  const proof = randomBytes(32).toString('base64url')
  const running = { service: wanted.service, port, proof, isRunning: () => isRunning }
  const door = await openDoor({ ...running, onRequest: hears.request })
  return {
    port,
    doorPort: door.port,
    proof,
    ready: listensWithin(port, { ms: startMs, isRunning: () => isRunning }),
    ended,
    async stop() {
      await door.close()
      await stopGroup(ref, { graceMs: 10_000 })
      await ended
      await words.end()
    },
  }
}

/** Node.js of the platform comes first, so that the command runs under the version that pipeline and image have. */
function environmentOf({ env, portVariables }: DevelopmentWanted, port: number): Record<string, string> {
  const ports = [...portVariables, 'PORT'].map((name) => [name, String(port)])
  const path = [dirname(process.execPath), env['PATH'] ?? ''].join(delimiter)
  return { HOST: '127.0.0.1', ...env, ...Object.fromEntries(ports), PATH: path }
}

async function requireFree(port: number): Promise<number> {
  if (await isFree(port)) return port
  throw new PlatformError('PORT_TAKEN', `port ${port} is taken`, { hint: 'choose another one, or leave --port out' })
}
