import type { AuditRecord } from '#model/audit.ts'
import type { Policy } from '#model/verdict.ts'
import { listAudit } from '#store/audit.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from './caller.ts'

/** The rules in force, as their own policy.yaml describe them. */
export function listPolicies(platform: Platform, caller: Caller): { bundleDigest: string; items: Policy[] } {
  authorise(caller, 'read')
  const { digest, policies } = platform.ports.policy.bundle()
  return { bundleDigest: digest, items: [...policies] }
}

export interface AuditQuery {
  readonly actor?: string | undefined
  readonly object?: string | undefined
  readonly action?: string | undefined
  readonly run?: string | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** The whole audit log, newest first, for those who may read it. */
export async function listAuditRecords(platform: Platform, caller: Caller, query: AuditQuery): Promise<AuditRecord[]> {
  authorise(caller, 'audit.read')
  const filter = {
    ...(query.actor && { actor: query.actor }),
    ...(query.object && { object: query.object }),
    ...(query.action && { action: query.action }),
    ...(query.run && { run: query.run }),
  }
  return [
    ...(await listAudit(platform.db, {
      ...filter,
      limit: query.limit,
      ...(query.cursor && { beforeSeq: Number(query.cursor) }),
    })),
  ]
}
