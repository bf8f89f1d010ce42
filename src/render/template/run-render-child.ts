import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { PlatformError } from '#errors/platform-error.ts'
import { guardedNode } from './guarded-node.ts'
import { type RenderJob, renderLimits } from './render-files.ts'

const limits = {
  ms: 5_000,
  startMs: 15_000,
  heapMb: 256,
  stdoutBytes: 6 * renderLimits.outputBytes,
  atOnce: 4,
} as const
const child = fileURLToPath(new URL('render-child.ts', import.meta.url))
const readable = [
  new URL('../', import.meta.url),
  new URL('../../../package.json', import.meta.url),
  new URL('../', import.meta.resolve('nunjitsu')),
].map((url) => fileURLToPath(url))

/**
 * Runs one job in a Node process that may read the renderer's own code and nothing else: empty environment, no
 * writing, no child processes, no workers, no network (see guarded-node.ts). Over 5 s, 256 MB of heap or the output
 * limit it is killed: TEMPLATE_LIMIT.
 */
export async function runRenderChild(
  job: RenderJob,
  { signal, ms = limits.ms }: { signal?: AbortSignal | undefined; ms?: number } = {},
): Promise<unknown> {
  await turn()
  try {
    return await runOne(job, { signal, ms })
  } finally {
    passTurn()
  }
}

async function runOne(
  job: RenderJob,
  { signal, ms }: { signal: AbortSignal | undefined; ms: number },
): Promise<unknown> {
  signal?.throwIfAborted()
  const [program, ...args] = guardedNode({ script: child, readable, heapMb: limits.heapMb }).argv
  const process_ = spawn(program, args, {
    env: {},
    cwd: '/',
    stdio: 'pipe',
    ...(signal && { signal }),
  })
  process_.stdin.on('error', () => undefined) // a child killed while it reads; its exit says why
  process_.stdin.end(JSON.stringify(job))
  const { output, problem, exit } = await collect(process_, ms)
  signal?.throwIfAborted()
  if (exit !== 0) throw failure(exit, problem)
  return JSON.parse(output) as unknown
}

/** The time counts from the child's first byte, which says that it has started: on a busy machine that takes a while. */
async function collect(process_: ChildProcessWithoutNullStreams, ms: number) {
  const kill = () => process_.kill('SIGKILL')
  let timer = setTimeout(kill, limits.startMs)
  process_.stdout.once('data', () => {
    clearTimeout(timer)
    timer = setTimeout(kill, ms)
  })
  const output: Buffer[] = []
  let bytes = 0
  let problem = ''
  process_.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > limits.stdoutBytes) kill()
    else output.push(chunk)
  })
  process_.stderr.on('data', (chunk: Buffer) => {
    problem = (problem + chunk.toString()).slice(0, 2_000)
  })
  const exit = await new Promise<number | string>((resolve, reject) => {
    process_.on('error', (error) => (error.name === 'AbortError' ? resolve('SIGTERM') : reject(error)))
    process_.on('close', (code, killedBy) => resolve(code ?? killedBy ?? 'SIGKILL'))
  }).finally(() => clearTimeout(timer))
  return { output: Buffer.concat(output).toString(), problem, exit }
}

function failure(exit: number | string, problem: string): PlatformError {
  if (/heap/i.test(problem)) {
    return new PlatformError('TEMPLATE_LIMIT', `Rendering needs more than ${limits.heapMb} MB.`)
  }
  if (exit === 'SIGKILL') {
    return new PlatformError('TEMPLATE_LIMIT', `Rendering took longer than ${limits.ms / 1000} s or wrote too much.`)
  }
  const reason = problem.split('\n').find((line) => line.includes('Error')) ?? 'no reason given'
  return new PlatformError('INTERNAL', `The renderer ended with ${exit}: ${reason}`)
}

// Few at once, so that a burst of previews leaves processors for everybody else (T02).
const waiting: (() => void)[] = []
let running = 0

async function turn(): Promise<void> {
  if (running >= limits.atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
}

function passTurn(): void {
  const next = waiting.shift()
  if (next) next()
  else running -= 1
}
