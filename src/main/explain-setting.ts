import { chosenServer } from '#cli/sessions-file.ts'
import { PlatformError } from '#errors/platform-error.ts'
import { chooseDataFolder } from './data-folder.ts'
import { readInstance } from './instance-lock.ts'

export interface ExplainedSetting {
  readonly key: string
  readonly value: string
  /** A variable of the environment, `default`, or what else decided, in words. */
  readonly from: string
}

const plain = {
  port: { variable: 'FAIRWAY_PORT', usual: '7007' },
  'gateway-port': { variable: 'FAIRWAY_GATEWAY_PORT', usual: '7080' },
  host: { variable: 'FAIRWAY_HOST', usual: '127.0.0.1' },
} as const

/** What a setting of this machine is and what decided it. Passwords are not shown. */
export function explainSetting(key: string, env: NodeJS.ProcessEnv = process.env): ExplainedSetting {
  if (key === 'server') return { key, ...server(env) }
  if (key === 'data') return { key, ...dataFolder(env) }
  if (key === 'database-url') return { key, ...database(env) }
  const setting = Object.hasOwn(plain, key) ? plain[key as keyof typeof plain] : undefined
  if (!setting) {
    const keys = ['server', 'data', 'database-url', ...Object.keys(plain)].join(', ')
    throw new PlatformError('USAGE', `no setting is called ${key}`, { hint: `settings: ${keys}` })
  }
  const given = env[setting.variable]
  return given === undefined
    ? { key, value: setting.usual, from: 'default' }
    : { key, value: given, from: setting.variable }
}

/** The platform that commands talk to: FAIRWAY_SERVER, else the one that was chosen, else the one that runs on this data folder, else the usual address. */
function server(env: NodeJS.ProcessEnv) {
  if (env.FAIRWAY_SERVER) return { value: env.FAIRWAY_SERVER, from: 'FAIRWAY_SERVER' }
  const chosen = chosenServer(env)
  if (chosen) return { value: chosen, from: 'fairway auth switch' }
  const { path } = chooseDataFolder({ env })
  const running = readInstance(path)?.url
  if (running) return { value: running, from: `the platform that runs on ${path}` }
  const port = explainSetting('port', env)
  return { value: `http://localhost:${port.value}`, from: port.from }
}

function dataFolder(env: NodeJS.ProcessEnv) {
  const { path, because } = chooseDataFolder({ env })
  return { value: path, from: env.FAIRWAY_DATA ? 'FAIRWAY_DATA' : (because ?? 'default') }
}

function database({ FAIRWAY_DATABASE_URL: url }: NodeJS.ProcessEnv) {
  if (!url) return { value: 'the embedded PostgreSQL', from: 'default' }
  return { value: url.replace(/(:\/\/[^:@/]*):[^@/]*@/, '$1:***@'), from: 'FAIRWAY_DATABASE_URL' }
}
