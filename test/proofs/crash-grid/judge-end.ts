import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditReport } from '#model/audit-chain.ts'
import { dataOf } from '../../../src/client/client.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import type { Asking, Service } from './acts.ts'
import { changesOf, deliveryLog } from './judge-git.ts'
import { readLedger } from './ledger.ts'

/** I4 and I5 of the whole: the chain holds and explains what was cut off, and everything that was made belongs to something. */
export async function faultsAtEnd(asking: Asking, services: readonly Service[]): Promise<string[]> {
  return [...(await faultsInChain(asking)), ...(await orphans(asking, services))]
}

async function faultsInChain({ auditor }: Asking): Promise<string[]> {
  const read = async () => (await dataOf(auditor.GET('/api/v1/audit/verification'))) as AuditReport
  const report = await waitUntil(
    async () => {
      const now = await read()
      return now.rows > 0 && now.position === now.rows ? now : undefined
    },
    { what: 'the audit log to be chained' },
  )
  const unexplained = report.intents.filter(({ state }) => state !== 'repeated')
  return [
    ...report.problems.map(({ message }) => `audit chain: ${message}`),
    ...(report.ok ? [] : ['the audit chain does not verify']),
    ...unexplained.map(({ run, action, state }) => `intent ${action} of ${run} has no outcome and is ${state}`),
  ]
}

async function orphans({ platform: { data } }: Asking, services: readonly Service[]): Promise<string[]> {
  const git = join(data, 'git')
  const delivery = { dir: join(git, 'fairway/delivery.git') }
  const repositories = (await readdir(join(git, 'team-a'))).toSorted()
  const created = readLedger(data).filter(
    ({ call, phase, run }) => call.endsWith('.create') && phase === 'before' && run,
  )
  const changes = await changesOf(delivery)
  const delivered = (await deliveryLog(delivery)).filter(({ trailers }) => trailers['Run-Id'])
  const drafts = await readdir(join(git, '.new')).catch(() => [])
  const names = services.map(({ name }) => `${name}.git`).toSorted()
  const deployments = services.reduce((sum, { dev, staging }) => sum + dev.length + staging.length, 0)
  const open = changes.filter(({ state }) => state !== 'merged')
  return [
    ...(String(repositories) === String(names) ? [] : [`repositories ${String(repositories)}, not ${String(names)}`]),
    ...(new Set(created.map(({ what }) => what)).size === names.length
      ? []
      : ['repositories were made that nobody asked for']),
    ...(changes.length === deployments ? [] : [`${changes.length} change requests for ${deployments} deployments`]),
    ...(delivered.length === deployments
      ? []
      : [`${delivered.length} delivery commits for ${deployments} deployments`]),
    ...open.map(({ number, state }) => `change request ${number} is ${state}`),
    ...drafts.map((name) => `a half-made repository is left: ${name}`),
  ]
}
