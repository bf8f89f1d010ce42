import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { runChild } from '#lib/child.ts'
import type { Confined } from '#lib/isolation.ts'
import { isGroupAlive, stopGroup } from '#lib/process-group.ts'
import type { ProbeSpec } from '../desired/workload-spec.ts'
import type { Runtime } from '../runtime.ts'
import { lastWords, outputEnds } from './last-words.ts'
import type { RunningProcess } from './launch.ts'
import { logFiles } from './log-files.ts'
import { type ProbeResult, probe } from './probe.ts'
import type { InstanceRecord } from './record.ts'

export interface ProcessWatch {
  readonly record: InstanceRecord
  readonly running: RunningProcess
  /** Ends the watching, not the process. */
  readonly signal: AbortSignal
  readonly onReadiness: (problem: ProbeResult) => void
  /** Is handed what to call when the process uses more memory than it may. */
  readonly onMemoryWatch: (tell: (bytes: number) => void) => void
  readonly runCommand: (command: readonly string[]) => Promise<Confined>
}

/** Watches a process until it ends, or makes it end when it is over its memory or no longer alive. Gives the reason in words. */
export async function watchProcess(runtime: Runtime, watch: ProcessWatch): Promise<string> {
  const { record, running, signal } = watch
  const files = logFiles(runtime.logs, record)
  const since = running.outputFrom ?? (await outputEnds(files))
  const over = new AbortController()
  const both = AbortSignal.any([signal, over.signal])
  let killed: string | undefined
  const kill = async (reason: string, graceMs: number) => {
    if (killed !== undefined || both.aborted) return
    killed = reason
    await stopGroup(running.ref, { graceMs })
  }
  watch.onMemoryWatch((bytes) => void kill(outOfMemory(bytes, record.spec.memoryBytes ?? 0), 0))
  const probing = [readiness(watch, both), liveness(watch, both, kill)]
  const exit = await ended(running, both)
  over.abort()
  await Promise.all(probing)
  if (signal.aborted) return 'stopped'
  await stopGroup(running.ref, { graceMs: 0 }) // what the leader left behind would hold ports and memory
  if (killed !== undefined) return killed
  const words = await lastWords(files, since)
  return words ? `${exit}: ${await runtime.secrets.masked(record.spec, words)}` : exit
}

async function ended({ child, ref }: RunningProcess, signal: AbortSignal): Promise<string> {
  if (child) {
    if (child.exitCode === null && child.signalCode === null)
      await once(child, 'exit', { signal }).catch((error: Error) => {
        if (error.name !== 'AbortError') throw error
      })
    return exitInWords(child.exitCode, child.signalCode)
  }
  // An adopted process is nobody's child any more: its exit code is lost, its end is not.
  while (!signal.aborted && isGroupAlive(ref)) await pause(250, undefined, { signal }).catch(() => {})
  return 'it ended (exit code unknown: an earlier agent started it)'
}

function exitInWords(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal) return `it was ended by ${signal}`
  if (code === null) return 'it ended'
  return code > 128 && code < 160 ? `it was ended by signal ${code - 128}` : `it ended with exit code ${code}`
}

/** Whether a process was ended by somebody else's signal; what crashed of itself, or we ended, was not. */
export function endedFromOutside(reason: string): boolean {
  return /^it was ended by (SIGKILL|SIGTERM|SIGINT|SIGHUP|signal (1|2|9|15)\b)|^it ended \(exit code unknown/.test(
    reason,
  )
}

const whileStartingMs = 100

// While it starts, it is asked often, so that a rollout takes no longer than the workload does.
async function readiness({ record, runCommand, onReadiness }: ProcessWatch, signal: AbortSignal): Promise<void> {
  const spec = record.spec.readiness
  if (!spec) {
    await sleep(1_000, signal) // nothing to ask: a process that lives for a second counts
    if (!signal.aborted) onReadiness(undefined)
    return
  }
  await sleep(spec.initialDelaySeconds * 1_000, signal)
  let failures = 0
  for (let ready = false; !signal.aborted; ) {
    const problem = await ask(spec, { record, runCommand, signal })
    if (signal.aborted) return
    failures = problem === undefined ? 0 : failures + 1
    if (problem === undefined) ready = true
    else if (failures >= spec.failureThreshold) ready = false
    if (problem === undefined || !ready) onReadiness(problem)
    await sleep(ready ? spec.periodSeconds * 1_000 : whileStartingMs, signal)
  }
}

async function liveness(
  { record, runCommand }: ProcessWatch,
  signal: AbortSignal,
  kill: (reason: string, graceMs: number) => Promise<void>,
): Promise<void> {
  const spec = record.spec.liveness
  if (!spec) return
  await sleep(spec.initialDelaySeconds * 1_000, signal)
  for (let failures = 0; !signal.aborted; ) {
    const problem = await ask(spec, { record, runCommand, signal })
    failures = problem === undefined ? 0 : failures + 1
    if (failures >= spec.failureThreshold) {
      await kill(
        `it no longer lived: ${problem} ${failures} times in a row`,
        Math.min(record.spec.graceSeconds, 5) * 1_000,
      )
      return
    }
    await sleep(spec.periodSeconds * 1_000, signal)
  }
}

function ask(
  spec: ProbeSpec,
  { record, runCommand, signal }: Pick<ProcessWatch, 'record' | 'runCommand' | 'signal'>,
): Promise<ProbeResult> {
  return probe(spec, {
    port: record.ports[spec.port] ?? spec.port,
    signal,
    async runCommand(command, timeoutMs) {
      const limits = { timeoutMs, maxOutput: 65_536, signal, graceMs: 0 }
      const end = await runChild(await runCommand(command), limits, { onLine: () => {} })
      if (end.by === 'timeout') return `${command.join(' ')} took longer than ${timeoutMs / 1000} s`
      return end.code === 0 ? undefined : `${command.join(' ')} ended with exit code ${end.code ?? end.signal}`
    },
  })
}

function outOfMemory(bytes: number, limit: number): string {
  const megabytes = (amount: number) => `${Math.ceil(amount / 2 ** 20)} MiB`
  return `out of memory: it used ${megabytes(bytes)}, its limit is ${megabytes(limit)}`
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {})
}
