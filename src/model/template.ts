import { z } from 'zod'
import { FileDiff } from './change-request.ts'
import { Name } from './names.ts'
import { Verdict } from './verdict.ts'

/** What the portal and the CLI need to ask a golden path's questions. `parameters` are JSON Schema pages as in Backstage's v1beta3. */
export const GoldenPath = z
  .object({
    name: Name,
    title: z.string(),
    description: z.string(),
    owner: z.string(),
    tags: z.array(z.string()),
    /** Commit of the platform repository that holds this version. */
    version: z.string(),
    parameters: z.array(z.record(z.string(), z.unknown())),
    /** Sentences: what the run makes, in order. */
    makes: z.array(z.string()),
    usedBy: z.int(),
    medianSeconds: z.number().optional(),
  })
  .meta({ id: 'GoldenPath' })
export type GoldenPath = z.infer<typeof GoldenPath>

/** What a run would do, before anything exists. `tree` is the Git tree id that a run would push, byte for byte. */
export const ServicePreview = z
  .object({
    name: Name,
    owner: Name,
    template: Name,
    tree: z.string(),
    files: z.array(z.object({ path: z.string(), content: z.string() })),
    /** Rendered for the first environment with a placeholder digest, since the image does not exist yet. */
    manifests: z.array(z.object({ path: z.string(), content: z.string() })),
    verdicts: z.array(Verdict),
    /** Steps in order, each with the sentence of its effect. */
    effects: z.array(z.object({ step: z.string(), title: z.string(), effect: z.string() })),
  })
  .meta({ id: 'ServicePreview' })
export type ServicePreview = z.infer<typeof ServicePreview>

/** The rendered difference that a promotion or rollback would commit, with what the rules say of it. */
export const DeliveryPreview = z
  .object({
    service: Name,
    environment: Name,
    from: z.object({ version: z.string(), commit: z.string() }).optional(),
    to: z.object({ version: z.string(), commit: z.string() }),
    files: z.array(FileDiff),
    verdict: Verdict,
    commits: z.array(z.object({ commit: z.string(), author: z.string(), message: z.string(), at: z.string() })),
    contributors: z.array(z.string()),
    approval: z.string(),
    /** Open drift of the place, which this replaces: in one sentence. */
    drift: z.string().optional(),
    effects: z.array(z.object({ step: z.string(), title: z.string(), effect: z.string() })),
  })
  .meta({ id: 'DeliveryPreview' })
export type DeliveryPreview = z.infer<typeof DeliveryPreview>
