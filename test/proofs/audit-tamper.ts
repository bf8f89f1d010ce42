import { randomBytes } from 'node:crypto'
import { signingKey } from '#lib/signing-key.ts'
import { type KnownHeads, readHeads } from '#services/audit/heads.ts'
import { headSigner } from '#services/audit/sign-head.ts'
import { checkAudit } from '#services/audit/verify-audit.ts'
import { linkNew } from '#store/audit-chain.ts'
import type { Database } from '#store/database.ts'
import { auditPlace } from '../../testing/audit-place.ts'
import { withHooks } from '../../testing/last-first.ts'
import { exportLines, type Fault, verifyLines } from './audit-tamper/export.ts'
import { refusedActs } from './audit-tamper/refused-acts.ts'
import { tamperWithDatabase } from './audit-tamper/tamper-with-database.ts'
import { tamperWithExport } from './audit-tamper/tamper-with-export.ts'
import { writeHistory } from './audit-tamper/write-history.ts'

export const small = 60
export const usual = 2_000

/**
 * Writes audit records by parallel transactions, some rolled back and some committing late, links and signs them, then
 * tampers `size` times with the database or with an export. Holds when nothing is found before, and every time after: by the
 * platform and by the auditor's program, both at a place that the tampering touched; and when the application may not
 * change, delete or truncate.
 */
export async function prove({ seed, size }: { seed: number; size: number }): Promise<{
  holds: boolean
  figures: Record<string, unknown>
}> {
  return withHooks(async (hooks) => {
    const place = await auditPlace(hooks)
    const key = signingKey(randomBytes(32).toString('base64url'))
    const signer = headSigner(place, key)
    const written = await writeHistory(place, { seed, link: () => linkNew(place.db, '0'), sign: () => signer.sign() })
    const heads = await readHeads(place)
    const refused = await refusedActs(place.db)
    const clean = [
      ...(await faultsIn(place.db, heads)),
      ...(await verifyLines(await exportLines(place.db, heads), heads)),
    ]
    const found = new Map<string, { tried: number; found: number }>()
    for (let index = 0; index < size; index++) {
      const { kind, missed } = await tamperOnce(place.db, { heads, seed: seed + index, index })
      const count = found.get(kind) ?? { tried: 0, found: 0 }
      found.set(kind, { tried: count.tried + 1, found: count.found + (missed ? 0 : 1) })
      if (missed) console.error(`seed ${seed}, tampering ${index}: ${kind}: ${missed}`)
    }
    const after = [...(await faultsIn(place.db, heads))]
    const detected = [...found.values()].reduce((sum, count) => sum + count.found, 0)
    for (const fault of [...clean, ...after]) console.error(`untampered, but: ${JSON.stringify(fault)}`)
    const figures = {
      ...written,
      heads: heads.heads.length,
      actsRefused: refused,
      tamperings: size,
      detected,
      kinds: Object.fromEntries(found),
    }
    return {
      holds: clean.length + after.length === 0 && detected === size && refused === 6 && written.lateRows > 0,
      figures,
    }
  })
}

/** Why a tampering was missed, or undefined. Every change of the database is rolled back. */
async function tamperOnce(
  db: Database,
  { heads, seed, index }: { heads: KnownHeads; seed: number; index: number },
): Promise<{ kind: string; missed: string | undefined }> {
  if (index % 2 === 1) {
    const { kind, lines, touches } = tamperWithExport(await exportLines(db, heads), seed)
    return { kind: `export: ${kind}`, missed: missing(await verifyLines(lines, heads), touches) }
  }
  return rolledBack(db, async (tx) => {
    const { kind, touches, exported = true } = await tamperWithDatabase(tx, { seed, heads })
    const platform = missing(await faultsIn(tx, heads), touches)
    const auditor = exported ? missing(await verifyLines(await exportLines(tx, heads), heads), touches) : undefined
    const missed = platform ? `the platform ${platform}` : auditor && `the auditor's program ${auditor}`
    return { kind: `database: ${kind}`, missed }
  })
}

function missing(faults: readonly Fault[], touches: (fault: Fault) => boolean): string | undefined {
  if (faults.length === 0) return 'found nothing'
  return faults.some(touches) ? undefined : `named another place: ${JSON.stringify(faults.slice(0, 3))}`
}

async function faultsIn(db: Database, heads: KnownHeads): Promise<readonly Fault[]> {
  return (await checkAudit(db, heads, { patience: 0 })).problems
}

async function rolledBack<T>(db: Database, work: (tx: Database) => Promise<T>): Promise<T> {
  const tx = await db.startTransaction().execute()
  try {
    return await work(tx)
  } finally {
    await tx.rollback().execute()
  }
}
