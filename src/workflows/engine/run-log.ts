import { cleanLine } from '#lib/otlp/clean-text.ts'
import { appendRunLog } from '#store/run.ts'
import { type Hold, isTakenOver } from '#store/run-execution.ts'
import type { Platform } from '../platform.ts'
import type { Log } from './step.ts'

const maxLine = 4_000
const maxLines = 20_000

/** A log of one step that writes in batches, so that a chatty pipeline costs few round trips; `flush` waits for the rest. */
export function runLog(
  { platform, run, hold }: { platform: Platform; run: string; hold?: Hold | undefined },
  step: string,
): Log & { flush(): Promise<void> } {
  let waiting: Parameters<typeof appendRunLog>[1][number][] = []
  let writing = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  let count = 0
  const write = () => {
    timer = undefined
    const batch = waiting
    waiting = []
    writing = writing
      .then(() => appendRunLog(platform.db, batch, hold))
      .then(() => platform.events.hint('run.log', run))
      .catch((error: unknown) => {
        if (!isTakenOver(error)) platform.log.warn({ err: error, run }, 'log lines of a run were lost')
      })
  }
  const log: Log = (text, level = 'info') => {
    if (count++ > maxLines) return
    const line =
      count > maxLines ? `more than ${maxLines} lines; the rest is left out` : cleanLine(text.slice(0, maxLine))
    waiting.push({ run, step, level, text: line })
    timer ??= setTimeout(write, 150)
  }
  return Object.assign(log, {
    async flush() {
      clearTimeout(timer)
      if (waiting.length > 0) write()
      await writing
    },
  })
}
