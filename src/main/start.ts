import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { codeOf, kindOf, PlatformError } from '#errors/platform-error.ts'
import { chooseDataFolder } from './data-folder.ts'
import { outsideAddress } from './outside-door.ts'
import { startPlatform } from './platform.ts'
import { portFrom } from './required-ports.ts'
import { readStartFile } from './start-file.ts'

const began = performance.now()
// pg-pool overlaps two queries while it connects, which pg warns of on every start; nothing a user could act on
process.noDeprecation = true

// `npm start`: the whole platform in the foreground, until Ctrl-C or `fairway down`.
async function main(): Promise<void> {
  const { env } = process
  const flags = readFlags()
  const { path, because } = chooseDataFolder()
  say(`data folder ${path}${because ? ` (${because})` : ''}`)
  const startFile = await readStartFile(env)
  if (env.FAIRWAY_CONFIG) say(`settings of this start: ${startFile.path}`)
  const outside = outsideAddress(env)
  const interrupted = interruption()
  const { startControlPlane } = await import('./server.ts')
  const platform = await startPlatform({
    dataFolder: path,
    host: env.FAIRWAY_HOST ?? '127.0.0.1',
    port: portFrom(env, 'FAIRWAY_PORT', 7007),
    gatewayPort: portFrom(env, 'FAIRWAY_GATEWAY_PORT', 7080),
    databaseUrl: env.FAIRWAY_DATABASE_URL,
    leaveEngines: () => flags.dev && interrupted.signal === 'SIGTERM', // `node --watch` restarts with that one
    startFile,
    outside,
    startControlPlane,
    log: say,
  })
  say('ready')
  // where other machines are answered, what is printed is kept in their logs, and the link signs in whoever reads it
  if (!outside) {
    console.log(`\n  Fairway runs at   ${platform.url}\n  Sign in once with ${platform.oneTimeLink}\n`)
    console.log('  Stop it with Ctrl-C here, or ./fairway down anywhere in this checkout.\n')
  }
  if (flags.open && hasDisplay(env)) await openBrowser(path, platform.oneTimeLink)
  await interrupted.promise
  say('stopping')
  await platform.close()
}

function readFlags(): { open: boolean; dev: boolean } {
  try {
    const options = { 'no-open': { type: 'boolean' }, dev: { type: 'boolean' } } as const
    const { values } = parseArgs({ options })
    return { open: !values['no-open'], dev: values.dev ?? false }
  } catch (cause) {
    throw new PlatformError('USAGE', `${(cause as Error).message}. npm start -- [--no-open]`, { cause })
  }
}

interface Interruption {
  readonly promise: Promise<void>
  signal?: NodeJS.Signals
}

// The first signal stops in order; a later one leaves at once, and the next start adopts what still runs. One Ctrl-C may
// arrive twice, from the terminal and from whoever started us, so what follows within a second is the same.
function interruption(): Interruption {
  const { promise, resolve } = Promise.withResolvers<void>()
  const found: Interruption = { promise }
  let first: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (first !== undefined && performance.now() - first > 1_000) process.exit(130)
      first ??= performance.now()
      found.signal ??= signal
      resolve()
    })
  }
  return found
}

function hasDisplay(env: NodeJS.ProcessEnv): boolean {
  if (env.CI || !process.stdout.isTTY) return false
  return process.platform === 'darwin' || Boolean(env.DISPLAY ?? env.WAYLAND_DISPLAY)
}

// The link signs in whoever has it, and argument lists can be read by every user: the browser gets a private file.
async function openBrowser(data: string, link: string): Promise<void> {
  const page = join(data, 'open.html')
  await writeFile(page, `<!doctype html><meta http-equiv="refresh" content="0;url=${link}">`, { mode: 0o600 })
  const { default: open } = await import('open')
  await open(page).catch((error: Error) => say(`no browser opened: ${error.message}`))
}

function say(words: string): void {
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${words}`)
}

function fail(error: unknown): never {
  const code = codeOf(error)
  if (!code || !(error instanceof PlatformError)) {
    console.error(error)
    process.exit(1)
  }
  console.error(`${code}: ${error.message}${error.hint ? `\n  ${error.hint}` : ''}`)
  process.exit(kindOf(error).exit)
}

await main().then(() => process.exit(0), fail)
