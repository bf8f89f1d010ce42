import { z } from 'zod'
import { Name } from '#model/names.ts'
import { defineStep, stays } from '../engine/step.ts'
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
  async run({ platform, key, signal }, request) {
    const { image, digest } = await platform.ports.ci.publish({ key, ...request }, signal)
    return { image, digest }
  },
})
