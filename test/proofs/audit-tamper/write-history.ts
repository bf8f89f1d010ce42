import { type ControlledTransaction, sql } from 'kysely'
import { appendAudit, type NewAudit } from '#store/audit.ts'
import type { Database } from '#store/database.ts'
import type { Tables } from '#store/tables.ts'
import { type Draw, drawer } from './draw.ts'

const rounds = 24
const writers = 8
const texts = [
  'plain',
  'two\nlines',
  'a "quote"',
  '\u2028',
  'ünï – 🛶',
  '{"hash":"',
  'x'.repeat(3_000),
  '\\u0000 \\',
  '',
]

/**
 * Records of parallel transactions: some roll back, some stay open while later ones are linked. Links after each round and
 * signs after some. `lateRows` were linked behind a record with a higher number.
 */
export async function writeHistory(
  { db }: { db: Database },
  { seed, link, sign }: { seed: number; link: () => Promise<unknown>; sign: () => Promise<unknown> },
): Promise<{ rows: number; rolledBack: number; lateRows: number }> {
  const draw = drawer(seed)
  let late: ControlledTransaction<Tables>[] = []
  let rolledBack = 0
  for (let round = 0; round < rounds; round++) {
    const plans = Array.from({ length: writers }, () => ({ records: records(draw), fate: fateOf(draw) }))
    const open = await Promise.all(
      plans.map(async ({ records, fate }) => {
        const tx = await db.startTransaction().execute()
        for (const record of records) await appendAudit(tx, record)
        return { tx, fate, count: records.length }
      }),
    )
    for (const { tx, fate, count } of open) {
      if (fate === 'commit') await tx.commit().execute()
      if (fate === 'rollback') await tx.rollback().execute()
      if (fate === 'rollback') rolledBack += count
    }
    await link()
    for (const tx of late) await tx.commit().execute()
    late = open.filter(({ fate }) => fate === 'late').map(({ tx }) => tx)
    if (draw.chance(0.3)) await sign()
  }
  for (const tx of late) await tx.commit().execute()
  await link()
  await sign()
  return { ...(await countRows(db)), rolledBack }
}

function fateOf(draw: Draw): 'commit' | 'rollback' | 'late' {
  return draw.from(['commit', 'commit', 'commit', 'rollback', 'late'] as const)
}

function records(draw: Draw): NewAudit[] {
  const act = { actor: `p${draw.below(9)}`, object: `service:${draw.from(texts)}`, action: 'service.promote' }
  const run = `r${draw.below(2 ** 31)}`
  const detail = { text: draw.from(texts), number: draw.from([0.1, 1e21, -5, 2 ** 53]), deep: { list: [null, true] } }
  const acts = Array.from({ length: 1 + draw.below(3) }, () => ({
    ...act,
    phase: 'act' as const,
    result: draw.from(['ok', 'refused'] as const),
    detail,
  }))
  const step = { ...act, action: 'run.push', run }
  const pair = [
    { ...step, phase: 'intent' as const, detail: { effect: draw.from(texts) } },
    { ...step, phase: 'outcome' as const, result: 'ok' as const, onBehalfOf: 'dev', commit: 'c'.repeat(40) },
  ]
  return draw.chance(0.5) ? acts : [...acts, ...pair]
}

async function countRows(db: Database): Promise<{ rows: number; lateRows: number }> {
  const { rows } = await sql<{ rows: number; late: number }>`
    select count(*) as rows, count(*) filter (where seq < highest) as late from (
      select seq, max(seq) over (order by position rows between unbounded preceding and 1 preceding) as highest
      from vault.audit_chain) linked`.execute(db)
  return { rows: Number(rows[0]?.rows), lateRows: Number(rows[0]?.late) }
}
