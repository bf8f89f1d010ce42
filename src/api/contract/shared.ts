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

/** Pages of numbered records: a cursor that nobody gave out is refused before the database is asked. */
const number = z.string().regex(/^\d{1,15}$/, 'not a cursor of this list')
const momentAndRun = z
  .string()
  .max(100)
  .refine(
    (text) =>
      /^\d{4}-[\d:.TZ-]{5,40},[a-z0-9-]{1,60}$/.test(text) && !Number.isNaN(Date.parse(text.split(',')[0] ?? '')),
    {
      error: 'not a cursor of this list',
    },
  )

export const Paging = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export const NumberedPaging = Paging.extend({ cursor: number.optional() })
export const RunPaging = Paging.extend({ cursor: momentAndRun.optional() })
