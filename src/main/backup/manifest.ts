import { z } from 'zod'

/** The backup's own name for what it holds and how; a reader refuses a higher number. */
export const backupFormat = 1

const Count = z.int().min(0)

/** `manifest.json` of a backup: every other file with its digest, and what is needed to read them. */
export const Manifest = z.object({
  format: Count,
  product: z.string(),
  createdAt: z.string(),
  files: z.array(z.object({ path: z.string(), size: Count, sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
  dump: z.object({
    tables: z.array(z.object({ schema: z.string(), table: z.string(), file: z.string(), rows: Count })),
    migrations: z.array(z.string()),
    sequences: z.array(z.object({ schema: z.string(), sequence: z.string(), last: z.number() })),
  }),
  /** Folders of repositories below the data folder. */
  repositories: z.array(z.string()),
})
export type Manifest = z.infer<typeof Manifest>
