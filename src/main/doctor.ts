import { execFile } from 'node:child_process'
import { lstatSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findOpa, opaHint } from '#adapters/policy/local/find-opa.ts'
import { codeOf } from '#errors/platform-error.ts'
import { detectIsolation } from '#lib/isolation.ts'
import { openDatabase } from '#store/database.ts'
import { packagers } from '#render/packaged/find-packager.ts'
import { findEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { findAgent } from './agent-process.ts'
import { chooseDataFolder } from './data-folder.ts'
import { readInstance } from './instance-lock.ts'

/** One line of `fairway doctor`: what was found, what its absence costs, and what to do about it. */
export interface DoctorCheck {
  readonly check: string
  readonly state: 'ok' | 'missing' | 'problem'
  readonly found: string
  readonly costs?: string
  readonly hint?: string
}

/** What this machine has and lacks. Reads only; works whether or not the platform runs. */
export async function readDoctor(env: NodeJS.ProcessEnv = process.env): Promise<readonly DoctorCheck[]> {
  const { path: data, because } = chooseDataFolder({ env })
  const programs = await Promise.all(optionalPrograms.map((program) => readProgram(program, env)))
  return [
    readNode(),
    await readGit(env),
    readDataFolder(data, because),
    await readDatabase(data, env),
    await readPlatform(data),
    await readIsolation(),
    readIdentity(),
    ...programs,
  ]
}

interface Program {
  readonly check: string
  /** Names it goes by, best first. */
  readonly names: readonly string[]
  readonly argument: string
  readonly costs: string
  readonly hint: string
}

const optionalPrograms: readonly Program[] = [
  {
    check: 'opa',
    names: ['opa'],
    argument: 'version',
    costs: 'changes to policies/ cannot be merged; the compiled rules that ship stay in force',
    hint: opaHint,
  },
  {
    check: 'bwrap',
    names: ['bwrap'],
    argument: '--version',
    costs: 'pipelines and workloads are kept apart by user id at best',
    hint: 'install bubblewrap from the system packages',
  },
  {
    check: 'helm',
    names: ['helm'],
    argument: 'version',
    costs: 'services that bring helm/ cannot be released; score.yaml needs it not',
    hint: packagers.helm.hint,
  },
  {
    check: 'kustomize',
    names: ['kustomize'],
    argument: 'version',
    costs: 'services that bring kustomize/ cannot be released; score.yaml needs it not',
    hint: packagers.kustomize.hint,
  },
  {
    check: 'chromium',
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    argument: '--version',
    costs: 'the browser tests of the portal are skipped; the platform itself does not need it',
    hint: 'install chromium from the system packages',
  },
  {
    check: 'infrastructure engine',
    names: ['tofu', 'terraform'],
    argument: 'version',
    costs: 'nothing yet: Fairway has no infrastructure modules so far',
    hint: 'install OpenTofu',
  },
]

function readNode(): DoctorCheck {
  const found = `${process.version} (${process.execPath})`
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 12)) return { check: 'node', state: 'ok', found }
  return {
    check: 'node',
    state: 'problem',
    found,
    hint: 'start through ./fairway or npm, which use the pinned Node 24',
  }
}

async function readGit(env: NodeJS.ProcessEnv): Promise<DoctorCheck> {
  const costs = 'nothing works: Git is where the platform keeps what should run'
  const found = await firstWords('git', '--version', env)
  if (!found)
    return { check: 'git', state: 'missing', found: 'not on PATH', costs, hint: 'install git from the system packages' }
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(found) ?? []).slice(1).map(Number)
  if (major > 2 || (major === 2 && minor >= 38)) return { check: 'git', state: 'ok', found }
  return {
    check: 'git',
    state: 'problem',
    found,
    costs: 'merges need git merge-tree --write-tree',
    hint: 'install git 2.38 or newer',
  }
}

function readDataFolder(data: string, because: string | undefined): DoctorCheck {
  const stat = lstatSync(data, { throwIfNoEntry: false })
  const why = because ? ` (${because})` : ''
  if (!stat) return { check: 'data folder', state: 'ok', found: `${data}, made at the first start${why}` }
  if (stat.mode & 0o007)
    return { check: 'data folder', state: 'problem', found: `${data} is open to other users`, hint: `chmod o= ${data}` }
  const { bavail, bsize } = statfsSync(data)
  const free = Math.floor((bavail * bsize) / 1e9)
  const found = `${data}, ${free} GB free${why}`
  return free >= 2
    ? { check: 'data folder', state: 'ok', found }
    : { check: 'data folder', state: 'problem', found, hint: 'free some space: less than 2 GB are left' }
}

async function readDatabase(data: string, env: NodeJS.ProcessEnv): Promise<DoctorCheck> {
  const embedded = env.FAIRWAY_DATABASE_URL
    ? undefined
    : await findEmbeddedPostgres(join(data, 'postgres')).catch(() => undefined)
  const url = env.FAIRWAY_DATABASE_URL ?? embedded?.url
  if (!url)
    return { check: 'database', state: 'ok', found: 'embedded PostgreSQL 18, not running: it starts with the platform' }
  const opened = openDatabase(url, { max: 1 })
  try {
    const { rows } = await opened.pool.query<{ server_version: string }>('show server_version')
    const place = embedded ? `embedded, process ${embedded.pid}, port ${embedded.port}` : `on ${new URL(url).host}`
    return { check: 'database', state: 'ok', found: `PostgreSQL ${rows[0]?.server_version} ${place}` }
  } catch (error) {
    const reason = codeOf(error) ?? (error as { code?: string }).code ?? 'no answer'
    const hint = embedded ? './fairway down, then start again' : 'check FAIRWAY_DATABASE_URL'
    return {
      check: 'database',
      state: 'problem',
      found: `does not answer (${reason})`,
      costs: 'nothing can be read or started',
      hint,
    }
  } finally {
    await opened.close()
  }
}

async function readPlatform(data: string): Promise<DoctorCheck> {
  const instance = readInstance(data)
  const agent = await findAgent(data)
  const agentWords = agent ? `agent: process ${agent.ref.pid}` : 'no agent'
  if (!instance) {
    const left = agent ? '; workloads keep running' : ''
    return { check: 'platform', state: 'missing', found: `not running, ${agentWords}${left}`, hint: 'npm start' }
  }
  const found = `process ${instance.pid}${instance.url ? ` at ${instance.url}` : ', starting'}, ${agentWords}`
  if (agent || !instance.url) return { check: 'platform', state: 'ok', found }
  return {
    check: 'platform',
    state: 'problem',
    found,
    costs: 'nothing can be deployed here',
    hint: 'restart: ./fairway down, npm start',
  }
}

async function readIsolation(): Promise<DoctorCheck> {
  const { kind, reason } = await detectIsolation()
  const found = `${kind}: ${reason}`
  if (kind === 'sandbox') return { check: 'isolation', state: 'ok', found }
  const costs = 'pipelines and workloads can read what their user can; run only code you trust'
  return { check: 'isolation', state: kind === 'user' ? 'ok' : 'problem', found, costs, hint: 'install bubblewrap' }
}

function readIdentity(): DoctorCheck {
  const found = 'local users on loopback: this demonstrates the rules and is no wall between people of one machine'
  return { check: 'identity', state: 'ok', found }
}

async function readProgram(
  { check, names, argument, costs, hint }: Program,
  env: NodeJS.ProcessEnv,
): Promise<DoctorCheck> {
  const places = check === 'opa' ? [(await findOpa(env.PATH)) ?? 'opa'] : names
  for (const name of places) {
    const found = await firstWords(name, argument, env)
    if (found) return { check, state: 'ok', found }
  }
  return { check, state: 'missing', found: `${names.join(' or ')} not on PATH`, costs, hint }
}

// The first line the program says about itself; `undefined` when it does not start.
async function firstWords(name: string, argument: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const options = { env: { PATH: env.PATH ?? '', HOME: '/nonexistent', CHECKPOINT_DISABLE: '1' }, timeout: 10_000 }
    const { stdout } = await promisify(execFile)(name, [argument], options)
    const line = stdout.trim().split('\n')[0] ?? ''
    return line.startsWith(name) || /^[A-Z]/.test(line) ? line : `${name} ${line}`
  } catch {
    return undefined
  }
}
