import { z } from 'zod'
import { Name } from '#model/names.ts'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { serviceRepo } from '../deliver/place.ts'
import { defineStep, type StepContext, stays } from '../engine/step.ts'
import { BuildOutput } from './build.ts'

/** Makes the image from the handed-over folder; no repository code runs here. The same input gives the same digest. */
export const publishStep = defineStep({
  name: 'publish',
  title: 'Publish image',
  input: z.object({
    service: Name,
    owner: Name,
    commit: z.string(),
    version: z.string(),
    committedAt: z.string(),
    output: BuildOutput,
  }),
  output: z.object({ image: z.string(), digest: z.string() }),
  retry: { attempts: 3, waitMs: 500 },
  seconds: 300,
  external: true,
  undo: stays('an image never changes: it stays in the artefact store, by its digest'),
  describe: ({ service }) => `Image of ${service}, by digest`,
  effect: ({ image, digest }) => `Image ${image}@${digest.slice(0, 19)}`,
  async run(context, request) {
    const { ci } = context.platform.ports
    const publish = () => ci.publish({ key: context.key, ...request }, context.signal)
    const { image, digest } = await publish().catch(async (error: unknown) => {
      if (codeOf(error) !== 'ARTIFACT_UNKNOWN') throw error
      await buildAgain(context, request)
      return publish()
    })
    return { image, digest }
  },
})

/** What was handed over lies with the replica that built it. Where that one is gone, the same commit must give the same folder. */
async function buildAgain(
  { platform, key, signal, log }: StepContext,
  { service, owner, commit, output }: { service: string; owner: string; commit: string; output: { digest: string } },
): Promise<void> {
  log('what the pipeline handed over is not on this replica: building the commit again')
  const request = { key: `${key}:again`, repo: serviceRepo({ service, owner }), commit, service }
  const result = await platform.ports.ci.build(
    request,
    ({ step, level, text }) => log(`[${step}] ${text}`, level),
    signal,
  )
  if (result.output?.digest === output.digest) return
  throw new PlatformError('PIPELINE_FAILED', 'the replica that built this commit is gone, and a second build differs', {
    hint: 'push a commit: its release is built and published by one replica',
  })
}
