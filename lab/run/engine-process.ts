import { spawn } from 'node:child_process'
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

export interface EngineProcess {
  /** Names it in the lab: its pid file and its log. */
  readonly name: string
  readonly argv: readonly [string, ...string[]]
  /** All of its environment: nothing is inherited but PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Run in this network namespace; only the network is changed, so that mounts stay visible to others. */
  readonly network?: string
  /** User and group it runs as; ours when absent. */
  readonly uid?: number
  readonly gid?: number
  /** Resolves to true once it answers. Asked again until `seconds` (60) are over. */
  ready?(): Promise<boolean>
  readonly seconds?: number
}

interface Known {
  readonly pid: number
  /** Start time of the pid in clock ticks: a pid that was given to another process is not ours. */
  readonly started: string
}

/** Starts a detached process, or leaves the one that runs under that name; returns when it is ready. */
export async function startProcess(folder: string, wanted: EngineProcess): Promise<void> {
  for (const each of ['pid', 'log']) await mkdir(join(folder, each), { recursive: true })
  if (!(await alive(folder, wanted.name))) await spawnDetached(folder, wanted)
  const until = Date.now() + (wanted.seconds ?? 60) * 1000
  for (;;) {
    const ready = wanted.ready ? await wanted.ready().catch(() => false) : true
    // Asked after the answer: another process may sit at our address.
    if (!(await alive(folder, wanted.name)))
      throw new Error(`${wanted.name} ended: ${await lastWords(folder, wanted.name)}`)
    if (ready) return
    if (Date.now() > until)
      throw new Error(`${wanted.name} did not answer in time: ${await lastWords(folder, wanted.name)}`)
    await pause(100)
  }
}

/** Ends the process of that name: TERM, and KILL after `graceSeconds`. One that is gone is no error. */
export async function endProcess(folder: string, name: string, graceSeconds = 3): Promise<void> {
  const known = await alive(folder, name)
  if (known) {
    signal(known.pid, 'SIGTERM')
    const until = Date.now() + graceSeconds * 1000
    while ((await alive(folder, name)) && Date.now() < until) await pause(50)
    if (await alive(folder, name)) signal(known.pid, 'SIGKILL')
  }
  await rm(join(folder, 'pid', name), { force: true })
}

/** The process of that name, if it still is the one that the lab started. */
export async function alive(folder: string, name: string): Promise<Known | undefined> {
  const text = await readFile(join(folder, 'pid', name), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const known: Known = JSON.parse(text)
  return (await startTime(known.pid)) === known.started ? known : undefined
}

async function spawnDetached(folder: string, { name, argv, env, cwd, network, uid, gid }: EngineProcess) {
  const [file, ...rest] = network ? ['nsenter', `--net=/var/run/netns/${network}`, '--', ...argv] : argv
  const log = await open(join(folder, 'log', `${name}.log`), 'a')
  try {
    const child = spawn(file, rest, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      cwd: cwd ?? folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    })
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    child.unref()
    const pid = child.pid ?? 0
    await writeFile(join(folder, 'pid', name), JSON.stringify({ pid, started: await startTime(pid) }))
  } finally {
    await log.close()
  }
}

/** Field 22 of /proc/PID/stat; a zombie counts as gone. */
async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields && fields[0] !== 'Z' ? fields[19] : undefined
}

// The whole group: engines have children of their own.
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name)
  } catch {}
}

async function lastWords(folder: string, name: string): Promise<string> {
  const text = await readFile(join(folder, 'log', `${name}.log`), 'utf8').catch(() => '')
  return text.trim().split('\n').slice(-3).join(' | ')
}
