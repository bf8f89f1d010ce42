import type { AuditReport, AuditState, OpenIntent } from '#model/audit-chain.ts'
import { chainEnd, readLinks, unlinkedRecords } from '#store/audit-chain.ts'
import type { Database } from '#store/database.ts'
import { findRun } from '#store/run.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from '../caller.ts'
import { chainCheck } from './check-chain.ts'
import { headsOf } from './export-audit.ts'
import { type KnownHeads, readHeads } from './heads.ts'

const underWay = new WeakMap<Platform, Promise<AuditReport>>()

/** Follows the whole chain in the database against the heads in Git. Whoever asks meanwhile gets the same answer. */
export function verifyAudit(platform: Platform, caller: Caller): Promise<AuditReport> {
  authorise(caller, 'audit.read')
  const running = underWay.get(platform) ?? verify(platform).finally(() => underWay.delete(platform))
  underWay.set(platform, running)
  return running
}

const verified = new WeakMap<Platform, NonNullable<AuditState['verified']>>()

/** Where the chain stands and what the last check said, without following it. */
export async function readAuditState(platform: Platform, caller: Caller): Promise<AuditState> {
  authorise(caller, 'audit.read')
  const [end, { heads }] = await Promise.all([chainEnd(platform.db), headsOf(platform)])
  const [newest, last] = [heads.at(-1)?.head, verified.get(platform)]
  return { ...end, heads: heads.length, ...(newest && { head: newest }), ...(last && { verified: last }) }
}

/** The check itself, for any database and heads. A record may wait `patience` seconds for its link. */
export async function checkAudit(
  db: Database,
  { heads, keys, broken }: Omit<KnownHeads, 'commit'>,
  { patience = 60 } = {},
): Promise<AuditReport> {
  const check = chainCheck(heads, keys)
  for (const place of broken) check.problem({ message: `${place} of the platform repository is no head` })
  for (let after = 0; ; ) {
    const links = await readLinks(db, after, 1_000)
    for (const stored of links) check.add(stored)
    const last = links.at(-1)
    if (!last) break
    after = last.position
  }
  for (const { seq, at } of await unlinkedRecords(db, { olderThanSeconds: patience }))
    check.problem({ seq, message: `the record of ${at.toISOString()} is not in the chain` })
  return check.end()
}

/** Heads are read first: a chain that grows meanwhile is longer than they say, never shorter. */
async function verify(platform: Platform): Promise<AuditReport> {
  const report = await checkAudit(platform.db, await readHeads(platform))
  const { ok, position, problems } = report
  verified.set(platform, { at: new Date().toISOString(), ok, position, problems: problems.length })
  return { ...report, intents: await Promise.all(report.intents.map((intent) => explained(platform.db, intent))) }
}

async function explained(db: Database, intent: OpenIntent): Promise<OpenIntent> {
  if (intent.state) return intent
  const run = intent.run ? await findRun(db, intent.run) : undefined
  return { ...intent, state: run && !run.finishedAt ? 'going' : 'died' }
}
