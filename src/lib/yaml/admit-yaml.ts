import { Worker } from 'node:worker_threads'
import type { ParsedYaml } from './parse-yaml.ts'

const limits = { ownMs: 1_000, lookMs: 100, clockMs: 10_000, startMs: 10_000, heapMb: 128, waiting: 1_000 } as const
/** Shorter texts cost less here than on the way to a thread and back. */
const smallText = 4_096

/**
 * Parses a text that somebody else wrote in a thread of its own, so that `readYaml` of it, called next, costs this
 * thread nothing: neither size nor shape of a file holds up other requests (T12). Over a second of the thread's own time
 * the file is refused; by the clock it has ten, since on a busy machine it waits for its turn.
 */
export async function admitYaml(...texts: readonly (string | undefined)[]): Promise<void> {
  const large = texts.filter((text): text is string => text !== undefined && text.length > smallText)
  await Promise.all(large.map(admit))
}

/** What came of an admitted text, once. */
export function takeAdmitted(text: string): ParsedYaml | undefined {
  const found = admitted.get(text)
  admitted.delete(text)
  return found
}

const admitted = new Map<string, ParsedYaml>()

async function admit(text: string): Promise<void> {
  const parsed = await (queue = queue.then(
    () => parseApart(text),
    () => parseApart(text),
  ))
  // One that nobody read would stay for ever: the oldest goes.
  if (admitted.size >= limits.waiting) admitted.delete(admitted.keys().next().value ?? '')
  admitted.set(text, parsed)
}

let queue: Promise<ParsedYaml> = Promise.resolve({ documents: [] })
let thread: YamlThread | undefined

interface YamlThread {
  parse(text: string): Promise<ParsedYaml>
}

async function parseApart(text: string): Promise<ParsedYaml> {
  return (thread ??= await startThread()).parse(text)
}

/** One thread for all texts, one text at a time. One that is late, or out of memory, ends, and the next text starts another. */
async function startThread(): Promise<YamlThread> {
  const worker = new Worker(new URL('./yaml-thread.ts', import.meta.url), {
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: limits.heapMb },
  })
  let settle: (outcome: ParsedYaml | 'ready') => void = () => {}
  const answer = (ms: number, late: string) =>
    new Promise<ParsedYaml | 'ready'>((resolve) => {
      // Was it this process that slept? Then the answer lies ready, and the next turn of the loop reads it.
      const timer = setTimeout(() => setImmediate(() => settle({ refused: late })), ms)
      settle = (outcome) => {
        clearTimeout(timer)
        settle = () => {}
        resolve(outcome)
        if (outcome !== 'ready' && 'refused' in outcome && outcome.refused === late) end('')
      }
    })
  const end = (reason: string) => {
    if (thread === self) thread = undefined
    settle({ refused: reason })
    void worker.terminate()
  }
  worker.on('message', (outcome: ParsedYaml | 'ready') => settle(outcome))
  worker.on('error', () => end('reading it takes more memory than allowed'))
  worker.on('exit', () => end('it could not be read'))
  worker.unref()
  const self: YamlThread = {
    async parse(text) {
      const late = `reading it takes longer than ${limits.ownMs / 1_000} s`
      const before = await ownMs(worker)
      const answered = answer(limits.clockMs, late)
      worker.postMessage(text)
      const look = async () => {
        if ((await ownMs(worker)) - before > limits.ownMs) settle({ refused: late })
      }
      const looking = setInterval(() => void look(), limits.lookMs)
      const outcome = await answered
      clearInterval(looking)
      return outcome === 'ready' ? { refused: 'it could not be read' } : outcome
    },
  }
  await answer(limits.startMs, 'it could not be read')
  return self
}

/** Milliseconds in which the thread really ran, or 0 once it has ended. */
function ownMs(worker: Worker): Promise<number> {
  return worker.cpuUsage().then(
    ({ user, system }) => (user + system) / 1_000,
    () => 0,
  )
}
