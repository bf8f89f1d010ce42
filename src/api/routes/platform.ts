import { exportAudit } from '#services/audit/export-audit.ts'
import { readAuditState, verifyAudit } from '#services/audit/verify-audit.ts'
import { readAdmission } from '#services/cluster/read-admission.ts'
import { readFindings } from '#services/doctor.ts'
import { readHome } from '#services/home.ts'
import { readLive } from '#services/live-checks.ts'
import { listNotices } from '#services/notices.ts'
import { rebuild } from '#services/records/rebuild-index.ts'
import { listAuditRecords, listPolicies } from '#services/rules-and-audit.ts'
import * as contract from '../contract/platform.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'
import { nextOf } from './services.ts'

export function platformHandlers({ platform, doctor, live }: ApiContext) {
  return [
    handle(contract.home, ({ caller }) => readHome(platform, caller)),
    handle(contract.listPolicies, async ({ caller }) => listPolicies(platform, caller)),
    handle(contract.listAdmission, async ({ caller }) => ({ items: await readAdmission(platform, caller) })),
    handle(contract.listAudit, async ({ caller, query }) => {
      const items = await listAuditRecords(platform, caller, query)
      return { items, ...nextOf(items, query.limit) }
    }),
    handle(contract.auditState, ({ caller }) => readAuditState(platform, caller)),
    handle(contract.verifyAudit, ({ caller }) => verifyAudit(platform, caller)),
    handle(contract.exportAudit, async ({ caller, query }) => {
      const { items, heads, keys, ...next } = await exportAudit(platform, caller, query)
      return { items: [...items], heads: [...heads], keys: [...keys], ...next }
    }),
    handle(contract.rebuild, ({ caller }) => rebuild(platform, caller)),
    handle(contract.live, async ({ caller }) => ({ items: await readLive(live, caller) })),
    handle(contract.listNotices, async ({ caller }) => ({ items: await listNotices(platform, caller) })),
    handle(contract.doctor, async ({ caller }) => ({ checks: await readFindings(doctor, caller) })),
  ]
}
