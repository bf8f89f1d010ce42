import { z } from 'zod'

/** A path inside the repository: relative, forward slashes, no `..` and no empty part. */
const RepoPath = z
  .string()
  .regex(
    /^(?!\/)(?!.*(?:^|\/)\.{1,2}(?:\/|$))(?!.*\/\/)[A-Za-z0-9._@/-]+(?<!\/)$/,
    'use a relative path inside the repository, without . or .. as a part',
  )

/** One command of the pipeline as a program and its arguments: there is no shell, so nothing is expanded. */
export const PipelineStep = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/,
      'use lower-case letters, digits and hyphens, beginning with a letter',
    ),
  run: z.array(z.string().min(1)).min(1).max(64),
})
export type PipelineStep = z.infer<typeof PipelineStep>

/** `.fairway/pipeline.yaml` of a service: how its commits become a folder that can be an image. */
export const Pipeline = z
  .strictObject({
    apiVersion: z.literal('fairway.dev/v1'),
    kind: z.literal('Pipeline'),
    spec: z.strictObject({
      /** Major version of Node.js that the steps and the image run under. */
      node: z.literal('24'),
      /** The platform installs from this lockfile with `npm ci` and its own cache, before the steps. */
      install: z.strictObject({ lockfile: RepoPath }).optional(),
      /** In order; the first that fails ends the pipeline. */
      steps: z
        .array(PipelineStep)
        .min(1)
        .max(20)
        .refine((steps) => new Set(steps.map(({ name }) => name)).size === steps.length, 'give each step its own name'),
      /** How the service runs from source on a developer's machine; it starts itself again when a file changes. */
      dev: z.strictObject({ run: z.array(z.string().min(1)).min(1).max(64) }).optional(),
      /** What is handed over: a folder, and in it the arguments that Node.js starts with. */
      output: z.strictObject({ folder: RepoPath, entry: z.array(z.string().min(1)).min(1) }),
    }),
  })
  .meta({ id: 'Pipeline' })
export type Pipeline = z.infer<typeof Pipeline>
