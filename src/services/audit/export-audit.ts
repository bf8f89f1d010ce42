import { PlatformError } from '#errors/platform-error.ts'
import { auditRepo, type HashedLink, type SignedHead } from '#model/audit-chain.ts'
import { readLinks, type StoredLink } from '#store/audit-chain.ts'
import type { Database } from '#store/database.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from '../caller.ts'
import { auditRef, type KnownHeads, readHeads } from './heads.ts'

export interface AuditPage {
  readonly keys: readonly string[]
  readonly items: readonly HashedLink[]
  /** In order; a head may come a page later than the link it covers, never earlier. */
  readonly heads: readonly SignedHead[]
  readonly next?: string
}

/** One page of the chain with its heads; the last one also has the heads beyond the chain's end, if the chain was cut. */
export async function exportAudit(
  platform: Platform,
  caller: Caller,
  query: { cursor?: string | undefined; limit: number },
): Promise<AuditPage> {
  authorise(caller, 'audit.read')
  const [position = 0, head = 0] = (query.cursor ?? '').split('.').filter(Boolean).map(Number)
  return auditPage(platform.db, await headsOf(platform), { position, head, limit: query.limit })
}

/** The page behind `position` links and `head` heads. */
export async function auditPage(
  db: Database,
  { heads, keys }: Pick<KnownHeads, 'heads' | 'keys'>,
  { position, head, limit }: { position: number; head: number; limit: number },
): Promise<AuditPage> {
  const items = (await readLinks(db, position, limit)).map(whole)
  const last = items.at(-1)?.link.position ?? position
  const isLast = items.length < limit
  const rest = heads.slice(head)
  const beyond = rest.findIndex((one) => one.head.position > last)
  const covered = isLast || beyond < 0 ? rest : rest.slice(0, beyond)
  return { keys, items, heads: covered, ...(!isLast && { next: `${last}.${head + covered.length}` }) }
}

function whole({ hash, link, position, seq }: StoredLink): HashedLink {
  if (link) return { hash, link }
  throw new PlatformError('AUDIT_BROKEN', `record ${seq} at position ${position} of the chain is gone`, {
    hint: 'fairway audit verify',
  })
}

const known = new WeakMap<Platform, { commit: string | undefined; heads: Promise<KnownHeads> }>()

/** An export asks page by page: the heads of one commit are read once. */
export async function headsOf(platform: Platform): Promise<KnownHeads> {
  const commit = await platform.ports.gitHost.files.resolve(auditRepo, auditRef)
  const found = known.get(platform)
  if (found && found.commit === commit) return found.heads
  const heads = readHeads(platform)
  heads.catch(() => known.delete(platform))
  known.set(platform, { commit, heads })
  return heads
}
