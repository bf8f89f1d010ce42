import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { type ProductSource, productSource } from '#lib/http/product-source.ts'
import { otlpIntake } from '#lib/otlp/intake.ts'
import type { Logs, SignalScope } from '#ports/signals.ts'
import { entriesOf, QueryAnswer } from './entries.ts'
import { headersOf } from './headers.ts'
import { lineOf } from './line.ts'
import { type LogTree, printLogql } from './logql.ts'
import type { LokiOptions } from './options.ts'
import { cursorOf, type Part, positionOf, readBack, readPage } from './page.ts'
import { createTail } from './tail.ts'

const dayNs = 86_400_000_000_000n
const aheadNs = 300_000_000_000n

export interface LokiLogs extends Logs {
  /** Streams that somebody follows now. */
  readonly watched: number
  close(): void
}

/** Logs in Loki. The scope is a matcher of each query's one selector; a tenant is a header. */
export function lokiLogs(options: LokiOptions, { everyMs = 1_000, timeoutMs = 10_000 } = {}): LokiLogs {
  const api = productSource({ product: 'Loki', baseUrl: options.url, headers: () => headersOf(options), timeoutMs })
  const tail = createTail({ everyMs })
  const treeOf = ({ service, environment }: SignalScope): LogTree => ({
    streams: { [options.labels.service]: service, [options.labels.environment]: environment },
  })
  return {
    can: { follow: true, search: 'literal' },
    ...(options.writtenBy === 'platform' && { intake: otlpIntake(api, '/otlp/v1/logs') }),
    async query(scope, { after, before, limit, ...filters }) {
      // Loki keeps neither: no stored line can hold them.
      if (filters.contains !== undefined && !filters.contains.isWellFormed()) return []
      const query = printLogql({ ...treeOf(scope), ...filters })
      const now = BigInt(Date.now()) * 1_000_000n
      const forward = after !== undefined
      const position = after !== undefined ? positionOf(after) : before !== undefined ? positionOf(before) : undefined
      const oldest = now - BigInt(options.days) * dayNs
      const read = (part: Part) => readPart(api, query, part).catch((error) => fail(options, error))
      const rest = { limit, ...(position && { position }) }
      const entries = forward
        ? await readPage(read, {
            ...rest,
            from: later(position?.ns ?? oldest, oldest),
            to: now + aheadNs,
            direction: 'forward',
          })
        : await readBack(read, { ...rest, from: oldest, to: position ? position.ns + 1n : now + aheadNs })
      return entries.map(lineOf)
    },
    onAppend(scope, listener) {
      const query = printLogql(treeOf(scope))
      return tail.follow(query, () => newestCursor(api, query), listener)
    },
    get watched() {
      return tail.watched
    },
    close: () => tail.close(),
  }
}

function later(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}

async function readPart(api: ProductSource, query: string, { from, to, limit, direction }: Part) {
  const request = {
    path: '/loki/api/v1/query_range',
    scope: 'the right to read logs of this tenant',
    query: { query, start: String(from), end: String(to), limit, direction },
  }
  const answer = await api.find(request, QueryAnswer)
  if (!answer) throw new PlatformError('PRODUCT_FAILED', 'Loki has no query interface under its address (404)')
  return entriesOf(answer)
}

// A Loki with tenants answers 401 to who names none, whatever the credential.
function fail({ tenant }: LokiOptions, error: unknown): never {
  if (tenant !== undefined || codeOf(error) !== 'PRODUCT_UNAUTHORISED') throw error
  throw new PlatformError(
    'PRODUCT_UNAUTHORISED',
    'Loki does not take the credential, or has tenants and none is named (401)',
    {
      hint: 'set tenant in fairway.yaml, or put a valid token in place; fairway doctor --live says which',
      cause: error,
    },
  )
}

async function newestCursor(api: ProductSource, query: string): Promise<string | undefined> {
  const now = BigInt(Date.now()) * 1_000_000n
  const range = { from: now - aheadNs, to: now + aheadNs }
  const [newest] = await readPart(api, query, { ...range, limit: 1, direction: 'backward' })
  return newest && cursorOf(newest)
}
