import { chmod, copyFile, cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { engines } from '../build/engines.ts'
import { moduleFolder } from '../build/go-engine.ts'
import type { LabEngine } from '../run/engine.ts'
import type { LabPlace } from '../run/lab-place.ts'

/** `nobody` of Debian: Gitea refuses to run as root. */
const nobody = 65_534
const people = ['dev', 'dev2', 'dev3', 'platform', 'platform2', 'sec', 'auditor', 'outsider']
const platformUser = 'fairway-bot'
/** The least that the adapter works with. */
const scopes = 'write:organization,write:repository,read:user,read:issue'

interface At {
  readonly name: string
  readonly port: number
}

/** Gitea with an admin, the platform's user and the people of the demo; SQLite; hooks to this machine allowed. */
export const gitea = giteaAt({ name: 'gitea', port: 3410 })

/** One more Gitea, for who must not share organisations with others. */
export function giteaAt(at: At): LabEngine {
  return {
    name: at.name,
    binaries: ['gitea'],
    packages: ['git'],
    start: (lab) => start(lab, at),
    async stop(lab) {
      await lab.end(at.name)
      await rm(await home(lab, at), { recursive: true, force: true })
    },
  }
}

async function start(lab: LabPlace, at: At): Promise<void> {
  const url = `http://127.0.0.1:${at.port}`
  const secrets = await lab.state(at.name)
  const place = await prepare(lab, at)
  await lab.start({
    name: at.name,
    argv: [place.binary, 'web', '--config', place.config],
    env: place.env,
    cwd: place.folder,
    ...place.as,
    ready: async () => (await fetch(`${url}/api/healthz`)).ok,
  })
  const cli = async (...args: string[]) => {
    const argv = [...args, '--config', place.config]
    const { stdout, failed, all } = await execa(place.binary, argv, {
      cwd: place.folder,
      env: { PATH: process.env['PATH'] ?? '', ...place.env },
      extendEnv: false,
      all: true,
      reject: false,
      ...place.as,
    })
    if (failed && !/already exists/.test(all))
      throw new Error(`gitea ${args.slice(0, 3).join(' ')}: ${all.slice(-300)}`)
    return stdout.trim()
  }
  const password = await secretFile(join(secrets, 'password'), () => `A1-${randomBytes(12).toString('hex')}`)
  for (const name of ['lab-admin', platformUser, ...people])
    if (!(await signsIn(url, name, password.value)))
      await cli(
        'admin',
        'user',
        'create',
        `--username=${name}`,
        `--email=${name}@example.com`,
        `--password=${password.value}`,
        '--must-change-password=false',
        ...(name === 'lab-admin' ? ['--admin'] : []),
      )
  const token = (name: string, scope: string) => () =>
    cli(
      'admin',
      'user',
      'generate-access-token',
      `--username=${name}`,
      `--scopes=${scope}`,
      `--token-name=lab-${randomBytes(4).toString('hex')}`,
      '--raw',
    )
  const platform = await secretFile(join(secrets, 'token'), token(platformUser, scopes))
  const admin = await secretFile(join(secrets, 'admin-token'), token('lab-admin', 'all'))
  await lab.writeFacts(at.name, {
    url,
    user: platformUser,
    tokenFile: platform.path,
    adminTokenFile: admin.path,
    passwordFile: password.path,
  })
}

interface Prepared {
  readonly folder: string
  readonly binary: string
  readonly config: string
  readonly env: Readonly<Record<string, string>>
  readonly as: { readonly uid?: number; readonly gid?: number }
}

const isRoot = process.getuid?.() === 0

/** Below the lab's folder its own user could not read it when that folder is root's. */
async function home(lab: LabPlace, { name }: At): Promise<string> {
  return isRoot ? join(tmpdir(), `fairway-lab-${name}`) : join(await lab.state(name), 'home')
}

/** Everything that the user of the process must read lies in one folder of its own. */
async function prepare(lab: LabPlace, at: At): Promise<Prepared> {
  const folder = await home(lab, at)
  const binary = join(folder, 'gitea')
  const config = join(folder, 'app.ini')
  const prepared: Prepared = {
    folder,
    binary,
    config,
    env: { HOME: folder, USER: isRoot ? 'nobody' : (process.env['USER'] ?? 'gitea'), GITEA_WORK_DIR: folder },
    as: isRoot ? { uid: nobody, gid: nobody } : {},
  }
  const known = await stat(join(await lab.state(at.name), 'password')).catch(() => undefined)
  if (known && (await stat(config).catch(() => undefined))) return prepared
  await rm(folder, { recursive: true, force: true }) // of a lab whose passwords are gone
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await copyFile(lab.bin('gitea'), binary)
  await chmod(binary, 0o755)
  const engine = engines.find(({ name }) => name === 'gitea')
  if (!engine) throw new Error('lab/build/engines.ts knows no gitea')
  const module = await moduleFolder(engine, {
    work: join(lab.folder, 'work', at.name),
    log: join(lab.folder, `${at.name}-module.log`),
  })
  for (const part of ['templates', 'options', 'public'])
    await cp(join(module, part), join(folder, 'static', part), { recursive: true, mode: 0 }).catch(() => {})
  const draft = join(folder, 'app.ini.new')
  await writeFile(draft, settings(folder, prepared.env['USER'] ?? '', at.port), { mode: 0o600 })
  await execa('cp', ['--', draft, config])
  if (isRoot) await execa('chown', ['-R', '--', `${nobody}:${nobody}`, folder])
  await execa('chmod', ['-R', 'u+rwX', '--', folder])
  return prepared
}

const settings = (folder: string, user: string, port: number): string => `APP_NAME = Fairway lab
RUN_USER = ${user}
RUN_MODE = prod
WORK_PATH = ${folder}

[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = http://127.0.0.1:${port}/
STATIC_ROOT_PATH = ${folder}/static
APP_DATA_PATH = ${folder}/data
DISABLE_SSH = true
OFFLINE_MODE = true

[database]
DB_TYPE = sqlite3
PATH = ${folder}/data/gitea.db
SQLITE_JOURNAL_MODE = WAL
SQLITE_TIMEOUT = 20000

[repository]
ROOT = ${folder}/repositories

[security]
INSTALL_LOCK = true
SECRET_KEY = ${randomBytes(32).toString('hex')}
INTERNAL_TOKEN = ${randomBytes(48).toString('base64url')}
PASSWORD_HASH_ALGO = pbkdf2_v1

[oauth2]
ENABLED = false

[service]
DISABLE_REGISTRATION = true

[webhook]
ALLOWED_HOST_LIST = loopback,private
DELIVER_TIMEOUT = 5

[indexer]
ISSUE_INDEXER_TYPE = db

[session]
PROVIDER = memory

[cron]
ENABLED = false

[actions]
ENABLED = false

[log]
MODE = console
LEVEL = warn
`

/** What the file holds, made once and readable by us alone. */
async function secretFile(path: string, make: () => string | Promise<string>) {
  const known = await readFile(path, 'utf8').catch(() => undefined)
  if (known) return { path, value: known.trim() }
  const value = await make()
  await writeFile(path, `${value}\n`, { mode: 0o600 })
  return { path, value }
}

async function signsIn(url: string, name: string, password: string): Promise<boolean> {
  const basic = Buffer.from(`${name}:${password}`).toString('base64')
  return (await fetch(`${url}/api/v1/user`, { headers: { authorization: `Basic ${basic}` } })).ok
}
