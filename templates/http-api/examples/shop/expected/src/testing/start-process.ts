import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

/** The service as the platform starts it: a process of its own that gets nothing but these variables. */
export function startProcess(t: TestContext, variables: Record<string, string>) {
  const child = spawn(process.execPath, ['src/main.ts'], {
    env: { PORT: '0', DRAIN_DELAY_MS: '0', ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const logged: Record<string, unknown>[] = []
  const waiting: { msg: string; found: (line: Record<string, unknown>) => void }[] = []
  createInterface(child.stdout).on('line', (text) => {
    const line = JSON.parse(text)
    logged.push(line)
    for (const { found } of waiting.filter(({ msg }) => msg === line.msg)) found(line)
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  t.after(() => child.kill('SIGKILL'))
  return {
    logged,
    ended,
    stop: () => child.kill('SIGTERM'),
    line: (msg: string) => new Promise<Record<string, unknown>>((found) => waiting.push({ msg, found })),
  }
}
