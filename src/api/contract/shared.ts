import { z } from 'zod'
import { Name } from '#model/names.ts'

export const ServiceParams = z.object({ name: Name })
export const ChangeParams = z.object({ owner: Name, repo: Name, number: z.coerce.number().int().min(1) })
export const RunParams = z.object({
  id: z.string().regex(/^[a-z0-9-]{1,60}$/, 'a run id is lower-case letters and digits'),
})
export const InEnvironment = z.object({ environment: Name })

/** A page of a list; `next` goes into `cursor` for the page behind it and is absent on the last one. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().optional() })
}

export const Paging = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
