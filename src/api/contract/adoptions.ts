import { z } from 'zod'
import { Name, RepoRef } from '#model/names.ts'
import { Run } from '#model/run.ts'
import { WorkingTreeReport } from '#model/working-tree.ts'
import { route } from '../route.ts'

const Preview = z
  .object({
    service: Name,
    owner: Name,
    facts: z.array(
      z.object({
        fact: z.enum(['name', 'owner', 'entry', 'port', 'health']),
        value: z.string(),
        evidence: z.string().meta({ description: '`file:line`, the option that gave it, or that it is a guess.' }),
        isGuess: z.boolean(),
      }),
    ),
    files: z.array(z.object({ path: z.string(), content: z.string() })),
    kept: z.array(z.string()).meta({ description: 'Files that are there already and stay.' }),
    report: WorkingTreeReport.optional(),
    effects: z.array(z.object({ title: z.string(), effect: z.string() })),
  })
  .meta({ id: 'AdoptionPreview' })

export const adopt = route({
  id: 'services.adopt',
  method: 'POST',
  path: '/api/v1/adoptions',
  summary:
    'Propose the files that a repository of the Git host lacks to be a service, as one change request; with dryRun only show them, with what the rules say',
  access: 'signed-in',
  repeat: 'run',
  body: z.strictObject({
    repository: RepoRef.meta({ description: 'Its owner is the team, its name becomes the service’s.' }),
    entry: z.string().min(1).max(200).optional(),
    port: z
      .string()
      .regex(/^\d{1,5}$/)
      .optional(),
    health: z.string().min(1).max(200).optional(),
    dryRun: z.boolean().default(false),
  }),
  reply: z.union([z.object({ run: Run }), z.object({ preview: Preview })]),
  status: 202,
})
