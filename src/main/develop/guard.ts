import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'

// Leader of the group in which a command of `fairway dev` runs. Its standard input is a pipe that `fairway dev` holds:
// when that ends, however it ended, nothing of the command stays, and no value of a secret with it.

const graceMs = 5_000
const [program = '', ...argv] = process.argv.slice(2)
const child = spawn(program, argv, { stdio: ['ignore', 'inherit', 'inherit'] })

// The command hears signals to the group itself, and we end when it has.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})

child.once('error', (error: NodeJS.ErrnoException) => {
  process.stderr.write(`${program}: ${error.code === 'ENOENT' ? 'no such program' : error.message}\n`)
  process.exit(127)
})
child.once('exit', (code, signal) => process.exit(code ?? (signal ? 128 : 1)))

process.stdin.once('end', () => void endGroup())
process.stdin.once('error', () => void endGroup())
process.stdin.resume()

async function endGroup(): Promise<void> {
  process.kill(-process.pid, 'SIGTERM')
  await pause(graceMs)
  process.kill(-process.pid, 'SIGKILL')
}
