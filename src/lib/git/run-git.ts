import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { execa } from 'execa'
import { PlatformError } from '#errors/platform-error.ts'

/** A repository on this machine that is only ever touched as bare: no checkout, no hooks, no filters. */
export interface GitRepository {
  readonly dir: string
}

export interface GitCall {
  readonly input?: string | Uint8Array
  /** Environment of this child only; the place for credentials and dates. */
  readonly env?: Readonly<Record<string, string>>
  readonly config?: readonly (readonly [key: string, value: string])[]
  readonly timeoutMs?: number
  readonly maxBytes?: number
  /** Exit codes the caller wants to judge itself; every other one but 0 throws. */
  readonly accept?: readonly number[]
  readonly signal?: AbortSignal
}

export interface GitResult {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** Runs one Git command with a closed environment and no shell. The caller puts user data after `--end-of-options`. */
export async function runGit(repo: GitRepository, args: readonly string[], call: GitCall = {}): Promise<GitResult> {
  const limitMs = call.timeoutMs ?? 30_000
  const result = await execa('git', ['--git-dir', repo.dir, ...args], {
    env: gitEnvironment(call.config, call.env),
    extendEnv: false,
    encoding: 'buffer',
    input: call.input ?? '',
    reject: false,
    stripFinalNewline: false,
    timeout: limitMs,
    forceKillAfterDelay: 2_000,
    maxBuffer: call.maxBytes ?? 64 * 1024 * 1024,
    ...(call.signal && { cancelSignal: call.signal }),
  })
  const stderr = Buffer.from(result.stderr).toString('utf8')
  if (result.code === 'ENOENT')
    throw new PlatformError('ENGINE_MISSING', 'The program `git` was not found.', { hint: 'install git 2.38 or newer' })
  if (result.isCanceled) throw new PlatformError('GIT_FAILED', `git ${args[0]} was cancelled.`)
  if (result.timedOut) throw new PlatformError('GIT_FAILED', `git ${args[0]} took longer than ${limitMs / 1000} s.`)
  if (result.isMaxBuffer) throw new PlatformError('GIT_FAILED', `git ${args[0]} gave more output than allowed.`)
  const code = result.exitCode ?? -1
  if (code !== 0 && !call.accept?.includes(code)) throw gitFailed(args[0] ?? '', stderr)
  return { code, stdout: Buffer.from(result.stdout), stderr }
}

export async function gitText(repo: GitRepository, args: readonly string[], call: GitCall = {}): Promise<string> {
  return (await runGit(repo, args, call)).stdout.toString('utf8').trimEnd()
}

/**
 * The pieces of one command's output as they come, so that an endless one can be left: the command ends with the loop.
 * No piece may be longer than 64 kB.
 */
export async function* gitLines(
  repo: GitRepository,
  args: readonly string[],
  { timeoutMs = 30_000, separator = '\n' }: { timeoutMs?: number; separator?: string } = {},
): AsyncGenerator<string> {
  const child = spawn('git', ['--git-dir', repo.dir, ...args], {
    env: gitEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const ended = once(child, 'close') as Promise<[number | null]>
  ended.catch(() => {}) // awaited below, unless the loop is left
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 4_000) said += text
  })
  try {
    let rest = ''
    for await (const text of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      const pieces = (rest + text).split(separator)
      rest = pieces.pop() ?? ''
      if (rest.length > 65_536) throw new PlatformError('GIT_FAILED', `git ${args[0]} gave more output than allowed.`)
      yield* pieces
    }
    if (rest !== '') yield rest
    const [code] = await ended
    if (code === null) throw new PlatformError('GIT_FAILED', `git ${args[0]} took longer than ${timeoutMs / 1000} s.`)
    if (code !== 0) throw gitFailed(args[0] ?? '', said)
  } finally {
    child.kill('SIGKILL')
  }
}

/** The error for a failed command: Git's own last lines, one sentence of ours before them. */
export function gitFailed(command: string, stderr: string): PlatformError {
  return new PlatformError('GIT_FAILED', `git ${command} failed: ${lastLines(stderr)}`)
}

export function lastLines(text: string, count = 3): string {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '')
  return lines.slice(-count).join(' / ').slice(0, 600) || 'it gave no reason'
}

/**
 * The whole environment of a Git child. Settings travel as variables, which outrank the repository's own file, so that
 * nothing a repository says can start a program; values with secrets stay out of argv.
 */
export function gitEnvironment(
  config: GitCall['config'] = [],
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const settings = [...alwaysSet, ...config]
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    TMPDIR: tmpdir(),
    HOME: '/nonexistent', // no .netrc, no ~/.gitconfig, no ssh keys of whoever started us
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_CONFIG_COUNT: String(settings.length),
    ...extra,
  }
  for (const [index, [key, value]] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key
    env[`GIT_CONFIG_VALUE_${index}`] = value
  }
  return env
}

const alwaysSet = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.attributesFile', '/dev/null'],
  ['core.quotePath', 'false'],
  ['credential.helper', ''],
  ['http.followRedirects', 'false'],
  ['submodule.recurse', 'false'],
  ['transfer.unpackLimit', '20'], // a pack of 40 files is written three times faster than 40 files
  ['fastimport.unpackLimit', '20'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['i18n.commitEncoding', 'UTF-8'],
  ['log.showSignature', 'false'],
] as const
