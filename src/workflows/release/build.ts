import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { Name } from '#model/names.ts'
import { serviceRepo } from '../deliver/place.ts'
import { defineStep, stays } from '../engine/step.ts'

export const BuildOutput = z.object({ digest: z.string(), entry: z.array(z.string()) })

/** Runs the repository's own pipeline, which holds no credential, and takes the folder it hands over. */
export const buildStep = defineStep({
  name: 'build',
  title: 'Run pipeline',
  input: z.object({ service: Name, owner: Name, commit: z.string() }),
  output: z.object({ output: BuildOutput, steps: z.array(z.object({ name: z.string(), seconds: z.number() })) }),
  seconds: 1_800,
  external: true,
  undo: stays('a pipeline leaves its log and nothing else'),
  describe: ({ service }) => `Pipeline of ${service}: install, type check, test, build`,
  effect: ({ steps }) =>
    `Pipeline passed: ${steps.map((step) => `${step.name} ${step.seconds.toFixed(1)} s`).join(', ')}`,
  async run({ platform, run, log, signal, key }, { service, owner, commit }) {
    const report = (line: { step: string; level: 'info' | 'warn' | 'error'; text: string }) =>
      log(`[${line.step}] ${line.text}`, line.level)
    const result = await platform.ports.ci.build(
      { key, repo: serviceRepo({ service, owner }), commit, service },
      report,
      signal,
    )
    if (result.state === 'failure' || !result.output) {
      const failure = result.failure
      throw new PlatformError('PIPELINE_FAILED', failure?.reason ?? 'the pipeline failed', {
        hint: `fairway run show ${run}; mend it and push again`,
        facts: { ...(failure && { step: failure.step, tail: failure.tail }) },
      })
    }
    return {
      output: { digest: result.output.digest, entry: [...result.output.entry] },
      steps: result.steps.map(({ name, seconds }) => ({ name, seconds })),
    }
  },
})
