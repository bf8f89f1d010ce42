// Run inside a guarded process as if a template had escaped into it: says what it could reach.
import { readFileSync, writeFileSync } from 'node:fs'

const [port] = process.argv.slice(2)
const tried = {}
const attempt = async (name, act) => {
  try {
    tried[name] = String((await act()) ?? 'done')
  } catch (error) {
    tried[name] = `refused: ${error.code ?? error.message}`
  }
}
await attempt('environment', () => JSON.stringify(process.env))
await attempt('passwd', () => readFileSync('/etc/passwd', 'utf8'))
await attempt('own environment file', () => readFileSync('/proc/self/environ', 'utf8'))
await attempt("parent's environment file", () => readFileSync(`/proc/${process.ppid}/environ`, 'utf8'))
await attempt('write', () => writeFileSync('/tmp/fairway-marker', 'x'))
await attempt('child', async () => (await import('node:child_process')).execFileSync('id').toString())
await attempt('worker', async () => {
  const { Worker } = await import('node:worker_threads')
  const worker = new Worker('1', { eval: true })
  return `started ${worker.threadId}`
})
await attempt('native code', () => process.dlopen({ exports: {} }, '/lib/x86_64-linux-gnu/libc.so.6'))
await attempt('inspector', async () => (await import('node:inspector')).open(0))
await attempt('network', async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) })
  return answer.text()
})
process.stdout.write(JSON.stringify(tried))
