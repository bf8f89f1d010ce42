import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import { waitUntil } from './wait-until.ts'

export interface TerminalTalk {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly cwd?: string
  /** What is typed once the words stand somewhere on the screen, in this order. */
  readonly says: readonly (readonly [words: RegExp, typed: string])[]
}

/** Runs a program at a real pseudo terminal (`script` of util-linux) and types what a person would. */
export async function atTerminal({
  argv,
  env,
  cwd = '/',
  says,
}: TerminalTalk): Promise<{ exit: number; screen: string }> {
  const line = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const child = spawn(
    'script',
    ['--quiet', '--return', '--command', `stty cols 100 rows 30; exec ${line}`, '/dev/null'],
    {
      env: { ...env, TERM: 'xterm', SHELL: '/bin/sh' },
      cwd,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  let screen = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += stripVTControlCharacters(text)))
  const ended = once(child, 'exit') as Promise<[number | null]>
  const give = () => child.kill()
  const limit = setTimeout(give, 60_000)
  try {
    for (const [words, typed] of says) {
      await waitUntil(() => words.test(screen), { what: `${words} on the screen`, ms: 30_000 })
      child.stdin.write(typed)
    }
    const [exit] = await ended
    return { exit: exit ?? -1, screen }
  } catch (cause) {
    throw new Error(`${argv.join(' ')} shows:\n${screen}`, { cause })
  } finally {
    clearTimeout(limit)
    give()
    child.stdin.destroy()
  }
}
