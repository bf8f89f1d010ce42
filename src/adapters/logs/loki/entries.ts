import { createHash } from 'node:crypto'
import { z } from 'zod'

const Stream = z.object({
  stream: z.record(z.string(), z.string()),
  values: z.array(
    z.union([
      z.tuple([
        z.string(),
        z.string(),
        z.object({
          structuredMetadata: z.record(z.string(), z.string()).optional(),
          parsed: z.record(z.string(), z.string()).optional(),
        }),
      ]),
      z.tuple([z.string(), z.string()]),
    ]),
  ),
})

/** What we read of `/loki/api/v1/query_range`. */
export const QueryAnswer = z.object({
  data: z.object({ resultType: z.literal('streams'), result: z.array(Stream) }),
})

export interface Entry {
  /** Nanoseconds since 1970. */
  readonly ns: bigint
  /** Tells entries of one nanosecond apart, the same at each reading. */
  readonly key: string
  readonly text: string
  readonly labels: Readonly<Record<string, string>>
  readonly metadata: Readonly<Record<string, string>>
}

/** All entries in the order of time, those of one instant in the order of their keys. */
export function entriesOf({ data }: z.infer<typeof QueryAnswer>): Entry[] {
  const entries = data.result.flatMap(({ stream, values }) =>
    values.map(([ns, text, extra]) => {
      const metadata = extra?.structuredMetadata ?? {}
      return { ns: BigInt(ns), key: keyOf([stream, text, metadata]), text, labels: stream, metadata }
    }),
  )
  return entries.sort(compareEntries)
}

export function compareEntries(one: Pick<Entry, 'ns' | 'key'>, other: Pick<Entry, 'ns' | 'key'>): number {
  if (one.ns !== other.ns) return one.ns < other.ns ? -1 : 1
  return one.key < other.key ? -1 : Number(one.key !== other.key)
}

function keyOf(parts: readonly [Record<string, string>, string, Record<string, string>]): string {
  const [stream, text, metadata] = parts
  const sorted = [stream, metadata].map((labels) => Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
  return createHash('sha256')
    .update(JSON.stringify([sorted, text]))
    .digest('hex')
    .slice(0, 16)
}
