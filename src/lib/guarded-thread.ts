import { Worker } from 'node:worker_threads'

/** Why nothing came of a text. */
export interface Refused {
  readonly refused: string
}

export interface GuardedThread<Outcome> {
  /** What the thread's program makes of a text. Texts take turns. */
  run(text: string): Promise<Outcome | Refused>
}

const limits = { ownMs: 1_000, lookMs: 100, clockMs: 10_000, startMs: 10_000, heapMb: 128 } as const

/**
 * Work on texts that somebody else wrote, in a thread of its own, so that neither size nor shape of one holds up other
 * requests (T12). Over a second of the thread's own time a text is refused; by the clock it has ten, since on a busy
 * machine it waits for its turn. A thread that is late, or out of memory, ends, and the next text starts another.
 * The program posts 'ready' once, then one outcome per text.
 */
export function guardedThread<Outcome extends object>(program: URL): GuardedThread<Outcome> {
  let running: GuardedThread<Outcome> | undefined
  let queue: Promise<unknown> = Promise.resolve()
  const take = async (text: string) => {
    running ??= await start<Outcome>(program, () => (running = undefined))
    return running.run(text)
  }
  return {
    run(text) {
      const turn = queue.then(
        () => take(text),
        () => take(text),
      )
      queue = turn
      return turn
    },
  }
}

async function start<Outcome extends object>(program: URL, ended: () => void): Promise<GuardedThread<Outcome>> {
  const worker = new Worker(program, {
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: limits.heapMb },
  })
  let settle: (outcome: Outcome | Refused | 'ready') => void = () => {}
  const answer = (ms: number, late: string) =>
    new Promise<Outcome | Refused | 'ready'>((resolve) => {
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
    ended()
    settle({ refused: reason })
    void worker.terminate()
  }
  worker.on('message', (outcome: Outcome | 'ready') => settle(outcome))
  worker.on('error', () => end('reading it takes more memory than allowed'))
  worker.on('exit', () => end('it could not be read'))
  await answer(limits.startMs, 'it could not be read')
  worker.unref()
  return {
    async run(text) {
      worker.ref()
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
      worker.unref()
      return outcome === 'ready' ? { refused: 'it could not be read' } : outcome
    },
  }
}

/** Milliseconds in which the thread really ran, or 0 once it has ended. */
function ownMs(worker: Worker): Promise<number> {
  return worker.cpuUsage().then(
    ({ user, system }) => (user + system) / 1_000,
    () => 0,
  )
}
