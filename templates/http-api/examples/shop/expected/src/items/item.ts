import * as z from 'zod'

/** What a caller sends. The same schema checks requests and describes them in the OpenAPI document. */
export const NewItem = z.strictObject({
  name: z.string().trim().min(1).max(100),
  quantity: z.int().min(0).max(1_000_000).default(1),
})
export type NewItem = z.infer<typeof NewItem>

export const Item = z.object({
  id: z.uuid(),
  ...NewItem.shape,
  createdAt: z.iso.datetime(),
})
export type Item = z.infer<typeof Item>
