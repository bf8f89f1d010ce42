import { sql } from 'kysely'
import type { SignedHead } from '#model/audit-chain.ts'
import { hashOf, noHash, readLinks } from '#store/audit-chain.ts'
import type { Database } from '#store/database.ts'
import { type Draw, drawer } from './draw.ts'
import type { Fault } from './export.ts'

export interface DatabaseTampering {
  readonly kind: string
  /** Whether a fault names the place. */
  readonly touches: (fault: Fault) => boolean
  /** False for what never reaches an export. */
  readonly exported?: boolean
}

interface Tampering {
  readonly db: Database
  readonly draw: Draw
  /** Length of the chain. */
  readonly length: number
  readonly heads: readonly SignedHead[]
}

/** What only a database administrator can do: one random tampering, with the triggers switched off. */
export async function tamperWithDatabase(
  db: Database,
  { seed, heads }: { seed: number; heads: { readonly heads: readonly SignedHead[] } },
): Promise<DatabaseTampering> {
  for (const table of ['vault.audit', 'vault.audit_chain']) await act(db, `alter table ${table} disable trigger user`)
  const { rows } = await sql<{ length: number }>`select max(position) as length from vault.audit_chain`.execute(db)
  const draw = drawer(seed)
  const [kind, tamper] = draw.from(Object.entries(tamperings))
  return { kind, ...(await tamper({ db, draw, length: Number(rows[0]?.length), heads: heads.heads })) }
}

type Kind = (tampering: Tampering) => Promise<Omit<DatabaseTampering, 'kind'>>

const tamperings: Readonly<Record<string, Kind>> = {
  async 'edit a field'({ db, draw, length }) {
    const position = 1 + draw.below(length)
    const change = draw.from([
      `actor = actor || 'x'`,
      `on_behalf_of = coalesce(on_behalf_of, '') || 'x'`,
      `action = 'service.read'`,
      `object = object || ' '`,
      `at = at + interval '1 microsecond'`,
      `result = case result when 'ok' then 'refused' else 'ok' end`,
      `phase = case phase when 'act' then 'intent' else 'act' end`,
      `run = coalesce(run, '') || 'x'`,
      `commit = coalesce(commit, '') || 'x'`,
      `detail = detail || '{"more": 1}'`,
      `detail = detail || '{"number": 9007199254740993}'`,
    ])
    await act(db, `update vault.audit set ${change} where seq = ${seqAt(position)}`)
    return at(position)
  },
  async 'edit a link'({ db, draw, length }) {
    const position = 1 + draw.below(length)
    const change = draw.from([
      `hash = reverse(hash)`,
      `previous = reverse(previous) || ''`,
      `at = at - interval '1 microsecond'`,
      `position = position + 1000000`,
    ])
    await act(db, `update vault.audit_chain set ${change} where position = ${position}`)
    return at(position, position + 1, position + 1_000_000)
  },
  async 'delete a record'({ db, draw, length }) {
    const position = 1 + draw.below(length)
    await act(db, `delete from vault.audit where seq = ${seqAt(position)}`)
    return at(position, position + 1)
  },
  async 'delete a record and its link'({ db, draw, length }) {
    const position = 1 + draw.below(length)
    await act(db, `delete from vault.audit where seq = ${seqAt(position)}`)
    await act(db, `delete from vault.audit_chain where position = ${position}`)
    return at(position, position + 1)
  },
  async 'delete a link'({ db, draw, length }) {
    const position = 1 + draw.below(length)
    await act(db, `delete from vault.audit_chain where position = ${position}`)
    return at(position, position + 1)
  },
  async 'insert a record'({ db }) {
    const { rows } = await forge(db)
    return { touches: ({ seq }) => seq === rows[0]?.seq, exported: false }
  },
  async 'insert a record and a link'({ db, draw, length }) {
    const position = 1 + draw.below(length)
    const { rows } = await forge(db)
    await shift(db, { from: position, by: 1 })
    await act(
      db,
      `insert into vault.audit_chain (position, seq, previous, hash, at)
       select ${position}, ${rows[0]?.seq}, coalesce(max(hash), '${noHash}'), md5('a') || md5('b'), now()
       from vault.audit_chain where position = ${position - 1}`,
    )
    return at(position, position + 1)
  },
  async 'swap two records'({ db, draw, length }) {
    const [one, other] = draw.pair(length).map((index) => index + 1) as [number, number]
    await act(
      db,
      `update vault.audit_chain c set seq = -d.seq from vault.audit_chain d
       where (c.position, d.position) in ((${one}, ${other}), (${other}, ${one}))`,
    )
    await act(db, `update vault.audit_chain set seq = -seq where seq < 0`)
    return at(one, other)
  },
  async 'swap two hashes'({ db, draw, length }) {
    const [one, other] = draw.pair(length).map((index) => index + 1) as [number, number]
    await act(
      db,
      `update vault.audit_chain c set hash = d.hash from vault.audit_chain d
       where (c.position, d.position) in ((${one}, ${other}), (${other}, ${one}))`,
    )
    return at(one, other)
  },
  async 'cut the tail'({ db, draw, length }) {
    const kept = length - 1 - draw.below(20)
    await act(db, `delete from vault.audit where seq in (select seq from vault.audit_chain where position > ${kept})`)
    await act(db, `delete from vault.audit_chain where position > ${kept}`)
    return at(kept + 1)
  },
  async 'edit a record and link everything anew'({ db, draw, length, heads }) {
    const position = 1 + draw.below(length)
    await act(db, `update vault.audit set actor = 'nobody' where seq = ${seqAt(position)}`)
    await rebuild(db, position)
    return at(...heads.map(({ head }) => head.position).filter((signed) => signed >= position))
  },
  async 'delete a record and link everything anew'({ db, draw, length, heads }) {
    const position = 1 + draw.below(length)
    await act(db, `delete from vault.audit where seq = ${seqAt(position)}`)
    await act(db, `delete from vault.audit_chain where position = ${position}`)
    await shift(db, { from: position + 1, by: -1 })
    await rebuild(db, position)
    return at(length, ...heads.map(({ head }) => head.position).filter((signed) => signed >= position))
  },
}

function at(...positions: number[]): Omit<DatabaseTampering, 'kind'> {
  return { touches: ({ position }) => position !== undefined && positions.includes(position) }
}

function seqAt(position: number): string {
  return `(select seq from vault.audit_chain where position = ${position})`
}

function forge(db: Database) {
  return sql<{ seq: number }>`insert into vault.audit (actor, action, object, phase, detail, at)
    values ('forged', 'service.promote', 'service:shop', 'act', '{}', now() - interval '1 hour') returning seq`.execute(
    db,
  )
}

async function shift(db: Database, { from, by }: { from: number; by: number }): Promise<void> {
  await act(db, `update vault.audit_chain set position = -(position + ${by}) where position >= ${from}`)
  await act(db, `update vault.audit_chain set position = -position where position < 0`)
}

/** As somebody would who knows how links are made, but not the key. */
async function rebuild(db: Database, from: number): Promise<void> {
  const links = await readLinks(db, 0, 1_000_000)
  let previous = links[from - 2]?.hash ?? noHash
  const made: { position: number; previous: string; hash: string }[] = []
  for (const { link } of links.slice(from - 1)) {
    if (!link) throw new Error('nothing to link')
    const hash = hashOf({ ...link, previous })
    made.push({ position: link.position, previous, hash })
    previous = hash
  }
  await sql`update vault.audit_chain c set previous = m.previous, hash = m.hash
    from jsonb_to_recordset(${JSON.stringify(made)}::jsonb) m (position bigint, previous text, hash text)
    where m.position = c.position`.execute(db)
}

async function act(db: Database, statement: string): Promise<void> {
  await sql.raw(statement).execute(db)
}
