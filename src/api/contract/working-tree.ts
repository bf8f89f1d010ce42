import { z } from 'zod'
import { Name } from '#model/names.ts'
import { WorkingTreeReport } from '#model/working-tree.ts'
import { route } from '../route.ts'

const path = z
  .string()
  .max(300)
  .regex(
    /^(catalog-info\.yaml|score\.yaml|\.fairway\/pipeline\.yaml|\.fairway\/environments\/[a-z0-9-]+\.yaml|(helm|kustomize)\/(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._@/-]+)$/,
    'only the files that a release is made from',
  )

/** Files that are not committed yet. */
export const WorkingTreeFiles = z
  .array(z.strictObject({ path, content: z.string().max(1_000_000) }))
  .max(310)
  .refine((files) => new Set(files.map((file) => file.path)).size === files.length, 'give each file once')

export const checkWorkingTree = route({
  id: 'services.check',
  method: 'POST',
  path: '/api/v1/services/:name/check',
  summary: 'What the gates would say of files that are not committed yet, for every environment',
  access: 'signed-in',
  repeat: { free: 'it reads and changes nothing' },
  params: z.object({ name: Name }),
  body: z.strictObject({ files: WorkingTreeFiles }),
  reply: WorkingTreeReport,
})
