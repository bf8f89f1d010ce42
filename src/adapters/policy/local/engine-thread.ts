import { Worker } from 'node:worker_threads'
import { PlatformError } from '#errors/platform-error.ts'
import type { EngineReply, EngineStart } from './engine-worker.ts'

/** What came of one question: the engine's text, or the reason why there is none. */
export type Answer = { readonly result: string; readonly millis: number } | { readonly none: string }

/** One engine in a thread of its own, which can be ended whatever it is doing. */
export interface EngineThread {
  /**
   * Never rejects, and takes one question at a time. The deadline is for the engine's own time; by the clock it has five
   * times as long, since on a busy machine it waits for its turn. An engine that is late by the clock is ended.
   */
  ask(question: string, deadlineMs: number): Promise<Answer>
  /** False once the thread has ended, for whatever reason. */
  isUsable(): boolean
  end(): Promise<void>
}

const startLimitMs = 10_000
const waitsForItsTurn = 5

/** Starts an engine; POLICY_UNAVAILABLE when it does not come up. */
export async function startEngineThread(start: EngineStart): Promise<EngineThread> {
  const worker = new Worker(new URL('./engine-worker.ts', import.meta.url), {
    workerData: start,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  })
  await ready(worker)
  return threadOf(worker)
}

function threadOf(worker: Worker): EngineThread {
  let usable = true
  let settle: (answer: Answer) => void = () => {}
  const fail = (none: string) => {
    usable = false
    settle({ none })
  }
  worker.on('error', (error) => fail(`The engine failed: ${error.message}.`))
  worker.on('exit', () => fail('The engine ended while it was asked.'))
  worker.on('message', (reply: EngineReply) =>
    settle('broken' in reply ? { none: `The engine failed: ${reply.broken}.` } : reply),
  )
  worker.unref()

  const end = async () => {
    usable = false
    await worker.terminate()
  }
  return {
    end,
    isUsable: () => usable,
    async ask(question, deadlineMs) {
      const late = { none: `The engine gave no verdict within ${deadlineMs} ms.` }
      const answer = await new Promise<Answer>((resolve) => {
        const giveUp = () => {
          if (settle === give) void end()
          give(late)
        }
        // Was it this process that slept? Then the answer lies ready, and the next turn of the loop reads it.
        const timer = setTimeout(() => setImmediate(giveUp), waitsForItsTurn * deadlineMs)
        const give = (given: Answer) => {
          clearTimeout(timer)
          settle = () => {}
          resolve(given)
        }
        settle = give
        if (usable) worker.postMessage(question)
        else give({ none: 'The engine had ended.' })
      })
      return 'millis' in answer && answer.millis > deadlineMs ? late : answer
    },
  }
}

async function ready(worker: Worker): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('it did not start in time')), startLimitMs)
      const settle = (act: () => void) => () => {
        clearTimeout(timer)
        act()
      }
      worker.once('message', settle(resolve))
      worker.once('error', (error) => settle(() => reject(error))())
      worker.once(
        'exit',
        settle(() => reject(new Error('it ended at once'))),
      )
    })
  } catch (cause) {
    await worker.terminate()
    throw new PlatformError('POLICY_UNAVAILABLE', 'The policy engine does not start.', { cause })
  }
}
