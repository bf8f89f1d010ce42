import { z } from 'zod'
import { type ProductApi, refusal } from '../product-api.ts'

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

/** The product's OTLP/HTTP receiver at a path. Throws what may be tried again; what is refused for good is an answer. */
export function otlpIntake(api: ProductApi, path: string) {
  return {
    async take(request: string, records: number): Promise<Taken> {
      const { status, text } = await api.ask({ path, body: request })
      if (status >= 200 && status < 300) return takenOf(text)
      const retry = status === 401 || status === 403 || status === 404 || status === 408 || status === 429
      if (retry || status >= 500) throw refusal('the OTLP receiver', { status, text })
      return { rejected: records, message: text.slice(0, 300) }
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
