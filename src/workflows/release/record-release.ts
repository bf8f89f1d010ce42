import { z } from 'zod'
import { Name } from '#model/names.ts'
import { forgetReleases, recordRelease } from '#store/release.ts'
import { whyRepositoryStays } from '../deliver/why-repository-stays.ts'
import { defineStep } from '../engine/step.ts'

/** Enters the release: from now on it can be deployed anywhere, and never changes. */
export const recordReleaseStep = defineStep({
  name: 'record-release',
  title: 'Record release',
  input: z.object({
    service: Name,
    owner: Name,
    commit: z.string(),
    version: z.string(),
    image: z.string(),
    digest: z.string(),
    configDigest: z.string(),
    message: z.string(),
    sbomDigest: z.string().optional(),
    provenanceDigest: z.string().optional(),
    signedBy: z.string().optional(),
  }),
  output: z.object({ version: z.string() }),
  describe: ({ service }) => `Release of ${service}`,
  effect: ({ version }) => `Release ${version}`,
  async run({ platform, run, actor }, release) {
    const recorded = await recordRelease(platform.db, { ...release, createdBy: actor, run })
    await platform.events.publish('service', release.service)
    return { version: recorded.version }
  },
  undo: {
    async look({ platform, original }) {
      const kept =
        original.workflow !== 'create-service'
          ? 'a release never changes: it stays, and nothing runs it'
          : await whyRepositoryStays(platform, original)
      return kept ? { undone: false, reason: kept } : { undone: true, reason: `releases of ${original.service} go` }
    },
    async act({ platform, original }) {
      await forgetReleases(platform.db, original.id)
      return { undone: true, reason: `releases of ${original.service} are gone` }
    },
  },
})
