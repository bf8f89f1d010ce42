import { runChild } from '#lib/child.ts'
import { confine } from '#lib/isolation.ts'
import type { PipelineStep } from '#model/pipeline.ts'
import type { BuildPlace, BuildWatch } from './build.ts'
import type { Checkout } from './checkout.ts'
import { watchDisk } from './disk-watch.ts'
import { reasonFor, tailKeeper } from './failure-words.ts'
import type { RunFolder } from './run-folders.ts'
import { StepFailure } from './step-ledger.ts'

type StepContext = BuildPlace & {
  readonly run: RunFolder
  readonly src: string
  readonly home: string
  /** The dependencies' folder, which the step may read only. */
  readonly modules: string | undefined
  readonly source: Checkout
  readonly watch: BuildWatch
}

/** Runs one command of the repository: no credential, no platform variable, no network but loopback (in the sandbox). */
export async function runStep(context: StepContext, step: PipelineStep): Promise<void> {
  const { src, home, tools, run, watch } = context
  const confined = confine(context.isolation, {
    argv: step.run,
    cwd: src,
    env: stepEnvironment({ bin: tools.bin, home, src, committedAt: context.source.committedAt }),
    writable: [src, home],
    readable: [...tools.readable, ...(context.modules ? [context.modules] : [])],
    network: false,
    as: run.slot,
    dieWithParent: true,
    fileBytes: context.diskLimits.bytes,
  })
  const disk = watchDisk(run.path, context.diskLimits)
  const tail = tailKeeper()
  const limits = {
    timeoutMs: context.stepTimeoutMs,
    maxOutput: 16_000_000,
    signal: AbortSignal.any([watch.signal, disk.signal]),
    endUser: true,
  }
  const end = await runChild(confined, limits, {
    onStart: run.note,
    onLine(text, stream) {
      tail.add(text)
      watch.report({ step: step.name, level: stream === 'stderr' ? 'warn' : 'info', text })
    },
  }).catch(async (error: Error) => {
    await disk.end()
    if (!error.message.startsWith('could not start')) throw error
    throw new StepFailure({ step: step.name, reason: `step \`${step.name}\` failed: ${error.message}`, tail: [] })
  })
  await disk.end()
  const excess = disk.reason()
  if (excess !== undefined)
    throw new StepFailure({ step: step.name, reason: `step \`${step.name}\` was ended: ${excess}`, tail: tail.lines() })
  if (end.by === 'exit' && end.code === 0) return
  const reason = reasonFor(step.name, { ...end, limitSeconds: context.stepTimeoutMs / 1_000 }, tail.lines())
  throw new StepFailure({ step: step.name, reason, tail: tail.lines() })
}

interface EnvironmentParts {
  readonly bin: string
  readonly home: string
  readonly src: string
  readonly committedAt: number
}

function stepEnvironment({ bin, home, src, committedAt }: EnvironmentParts): Record<string, string> {
  return {
    PATH: [bin, `${src}/node_modules/.bin`, '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
    HOME: home,
    TMPDIR: home,
    CI: 'true',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    SOURCE_DATE_EPOCH: String(committedAt),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
    npm_config_logs_max: '0',
  }
}
