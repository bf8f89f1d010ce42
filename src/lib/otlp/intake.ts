import { z } from 'zod'
import type { ProductSource } from '../http/product-source.ts'
import { cleanLine } from './clean-text.ts'

const PartialSuccess = z.object({
  partialSuccess: z
    .object({
      rejectedLogRecords: z.coerce.number().optional(),
      rejectedDataPoints: z.coerce.number().optional(),
      rejectedSpans: z.coerce.number().optional(),
      errorMessage: z.string().optional(),
    })
    .nullish(),
})

export interface Taken {
  /** Records that the product refused for good. */
  readonly rejected: number
  readonly message?: string
}

// The request is understood and not wanted: the same again would be refused again.
const refusedForGood = [400, 413, 422]

/** The product's OTLP/HTTP receiver at a path. Throws what may be tried again; what is refused for good is an answer. */
export function otlpIntake(source: ProductSource, path: string) {
  return {
    async take(request: unknown, records: number): Promise<Taken> {
      const { status, text } = await source.post(path, request, refusedForGood)
      return status < 300 ? takenOf(text) : { rejected: records, message: cleanLine(text.slice(0, 300)) }
    },
  }
}

function takenOf(text: string): Taken {
  const known = PartialSuccess.safeParse(jsonOf(text)).data?.partialSuccess
  const rejected = known?.rejectedLogRecords ?? known?.rejectedDataPoints ?? known?.rejectedSpans ?? 0
  return { rejected, ...(known?.errorMessage && { message: known.errorMessage }) }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {} // Loki says 204 and nothing, which is a full success
  }
}
