import { PlatformError } from '#errors/platform-error.ts'
import type { Answer, EngineThread } from './engine-thread.ts'

/** Engines that share the questions. One that hung or died is replaced. */
export interface EnginePool {
  /** POLICY_UNAVAILABLE when no engine can be had; otherwise the answer, which may be that there is none. */
  ask(question: string, signal?: AbortSignal): Promise<Answer>
  /** Takes no more questions, answers those it has, then ends its engines. */
  close(): Promise<void>
}

export interface PoolOptions {
  readonly startThread: () => Promise<EngineThread>
  readonly size: number
  readonly deadlineMs: number
}

interface Waiter {
  readonly take: (thread: EngineThread) => void
  readonly refuse: (reason: unknown) => void
}

/** How many deadlines a question may wait for a free engine. */
const patience = 10

/** Ready when all engines are. */
export async function startEnginePool({ startThread, size, deadlineMs }: PoolOptions): Promise<EnginePool> {
  const threads = await startAll(startThread, size)
  const idle = [...threads]
  const waiting = new Set<Waiter>()
  const asked = new Set<Promise<unknown>>()
  let starting = 0
  let closed = false
  let ended = false

  return {
    ask(question, signal) {
      if (closed) return Promise.reject(unavailable('it was closed'))
      const answer = askOne(question, signal)
      const settled = answer.then(
        () => {},
        () => {},
      )
      asked.add(settled)
      void settled.then(() => asked.delete(settled))
      return answer
    },
    async close() {
      closed = true
      while (asked.size > 0) await Promise.all(asked)
      ended = true
      await Promise.all([...threads].map((thread) => thread.end()))
    },
  }

  async function askOne(question: string, signal: AbortSignal | undefined): Promise<Answer> {
    signal?.throwIfAborted()
    const thread = await freeThread(signal)
    try {
      return await thread.ask(question, deadlineMs)
    } finally {
      offer(thread)
    }
  }

  function freeThread(signal: AbortSignal | undefined): Promise<EngineThread> {
    refill()
    const thread = idle.pop()
    if (thread) return Promise.resolve(thread)
    return waitForEngine(waiting, { limitMs: patience * deadlineMs, signal })
  }

  function offer(thread: EngineThread): void {
    if (!thread.isUsable()) return refill()
    const [first] = waiting
    if (first) first.take(thread)
    else idle.push(thread)
  }

  function refill(): void {
    for (const thread of threads) if (!thread.isUsable()) forget(thread)
    while (threads.size + starting < size && (!closed || waiting.size > 0)) {
      starting += 1
      startThread().then(arrived, failed)
    }
  }

  function forget(thread: EngineThread): void {
    threads.delete(thread)
    const at = idle.indexOf(thread)
    if (at >= 0) idle.splice(at, 1)
  }

  function arrived(thread: EngineThread): void {
    starting -= 1
    if (ended) return void thread.end()
    threads.add(thread)
    offer(thread)
  }

  // The next question tries again; those that wait are not left hanging.
  function failed(reason: unknown): void {
    starting -= 1
    if (threads.size === 0 && starting === 0) for (const waiter of waiting) waiter.refuse(reason)
  }
}

async function startAll(startThread: () => Promise<EngineThread>, size: number): Promise<Set<EngineThread>> {
  const started = await Promise.allSettled(Array.from({ length: size }, startThread))
  const threads = new Set(started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])))
  const failure = started.find((result) => result.status === 'rejected')
  if (!failure) return threads
  await Promise.all([...threads].map((thread) => thread.end()))
  throw failure.reason
}

function waitForEngine(
  waiting: Set<Waiter>,
  { limitMs, signal }: { limitMs: number; signal: AbortSignal | undefined },
): Promise<EngineThread> {
  return new Promise((resolve, reject) => {
    const waiter: Waiter = {
      take: (given) => settle(() => resolve(given)),
      refuse: (reason) => settle(() => reject(reason)),
    }
    const tooLong = () => waiter.refuse(unavailable(`no engine was free within ${limitMs} ms`))
    const aborted = () => waiter.refuse(signal?.reason)
    const timer = setTimeout(tooLong, limitMs)
    signal?.addEventListener('abort', aborted)
    waiting.add(waiter)

    function settle(act: () => void) {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      waiting.delete(waiter)
      act()
    }
  })
}

function unavailable(reason: string): PlatformError {
  return new PlatformError('POLICY_UNAVAILABLE', `The policy engine gave no verdict: ${reason}.`, {
    hint: 'repeat in a moment; `fairway doctor` says what the engine lacks',
  })
}
