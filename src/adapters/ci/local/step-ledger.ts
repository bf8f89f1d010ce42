import type { BuildResult, PipelineLine } from '#ports/ci.ts'

type Step = BuildResult['steps'][number]

/** A step of the pipeline ended badly: a result of the build, not an error of the platform. */
export class StepFailure extends Error {
  readonly failure: NonNullable<BuildResult['failure']>

  constructor(failure: NonNullable<BuildResult['failure']>) {
    super(failure.reason)
    this.failure = failure
  }
}

/** Keeps which step took how long and how it ended; says so in a line of the log. */
export function stepLedger(report: (line: PipelineLine) => void) {
  const done: Step[] = []
  let planned: readonly string[] = []
  return {
    plan(...names: readonly string[]): void {
      planned = names
    },
    async step<T>(name: string, act: () => Promise<T>): Promise<T> {
      const began = performance.now()
      const end = (state: Step['state']) => {
        const seconds = Math.round(performance.now() - began) / 1_000
        done.push({ name, state, seconds })
        report({
          step: name,
          level: state === 'failure' ? 'error' : 'info',
          text: `${name}: ${state} after ${seconds} s`,
        })
      }
      try {
        const result = await act()
        end('success')
        return result
      } catch (error) {
        if (error instanceof StepFailure) report({ step: name, level: 'error', text: error.failure.reason })
        end('failure')
        throw error
      }
    },
    /** Ended steps, then the planned ones that never began. */
    steps: (): Step[] => [
      ...done,
      ...planned.slice(Math.max(done.length - 1, 0)).map((name): Step => ({ name, state: 'skipped', seconds: 0 })),
    ],
  }
}
