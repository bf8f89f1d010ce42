import { z } from 'zod'
import { AdmissionView } from '#model/admission.ts'
import { AuditRecord } from '#model/audit.ts'
import { AuditReport, AuditState, HashedLink, SignedHead } from '#model/audit-chain.ts'
import { ChangeRequest } from '#model/change-request.ts'
import { Deployment } from '#model/deployment.ts'
import { Name } from '#model/names.ts'
import { RebuildReport } from '#model/rebuild.ts'
import { Run } from '#model/run.ts'
import { Policy } from '#model/verdict.ts'
import { route } from '../route.ts'
import { Attention, ServiceSummary } from './services.ts'
import { NumberedPaging, page } from './shared.ts'

const Hello = z
  .object({ template: Name, name: Name, owner: Name, command: z.string() })
  .meta({ id: 'Hello', description: 'The first service of an empty platform, as whoever asks may create it.' })

export const home = route({
  id: 'home.read',
  method: 'GET',
  path: '/api/v1/home',
  summary: 'My work: what needs attention, what waits for me, what my team did last',
  access: 'signed-in',
  reply: z.object({
    services: z.array(ServiceSummary),
    attention: z.array(Attention),
    waitingForMe: z.array(ChangeRequest),
    runs: z.array(Run),
    deployments: z.array(Deployment),
    isEmpty: z.boolean().meta({ description: 'No service exists on this platform yet.' }),
    hello: Hello.optional(),
  }),
})

export const listPolicies = route({
  id: 'policies.list',
  method: 'GET',
  path: '/api/v1/policies',
  summary: 'Rules in force, with why and how to fix',
  access: 'signed-in',
  reply: z.object({ bundleDigest: z.string(), items: z.array(Policy) }),
})

export const listAdmission = route({
  id: 'admission.list',
  method: 'GET',
  path: '/api/v1/admission',
  summary: 'Whether each environment’s cluster enforces the rules by itself, and what its audit found; asked anew',
  access: 'signed-in',
  reply: z.object({ items: z.array(z.object({ environment: Name, admission: AdmissionView })) }),
})

export const listAudit = route({
  id: 'audit.list',
  method: 'GET',
  path: '/api/v1/audit',
  summary: 'Audit records, newest first',
  access: 'signed-in',
  query: NumberedPaging.extend({
    actor: z.string().optional(),
    object: z.string().optional(),
    action: z.string().optional(),
    run: z.string().optional(),
  }),
  reply: page(AuditRecord),
})

export const auditState = route({
  id: 'audit.state',
  method: 'GET',
  path: '/api/v1/audit/state',
  summary: 'Where the chain of the audit log stands, its newest signed head, and what the last check said',
  access: 'signed-in',
  reply: AuditState,
})

export const verifyAudit = route({
  id: 'audit.verify',
  method: 'GET',
  path: '/api/v1/audit/verification',
  summary: 'Follow the whole chain of the audit log against the signed heads in Git',
  access: 'signed-in',
  reply: AuditReport,
})

export const exportAudit = route({
  id: 'audit.export',
  method: 'GET',
  path: '/api/v1/audit/export',
  summary: 'The audit log as it is chained, oldest first, with signed heads and public keys',
  access: 'signed-in',
  query: z.object({
    cursor: z
      .string()
      .regex(/^\d{1,15}\.\d{1,15}$/)
      .optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(1000),
  }),
  reply: page(HashedLink).extend({
    heads: z.array(SignedHead),
    keys: z.array(z.string()).meta({ description: 'Public keys as PEM' }),
  }),
})

export const rebuild = route({
  id: 'platform.rebuild',
  method: 'POST',
  path: '/api/v1/rebuild',
  summary: 'Make the index anew from Git and the artefact store; the audit log and secrets are not touched',
  access: 'signed-in',
  reply: RebuildReport,
})

export const doctor = route({
  id: 'platform.doctor',
  method: 'GET',
  path: '/api/v1/doctor',
  summary: 'What is there, what is missing, what that costs, and the isolation in force',
  access: 'signed-in',
  reply: z.object({
    checks: z.array(
      z.object({
        check: z.string(),
        state: z.enum(['ok', 'missing', 'problem']),
        found: z.string(),
        costs: z.string().optional(),
        hint: z.string().optional(),
      }),
    ),
  }),
})

export const live = route({
  id: 'platform.live',
  method: 'GET',
  path: '/api/v1/doctor/live',
  summary: 'What answers behind each port right now, and which permission is missing',
  access: 'signed-in',
  reply: z.object({
    items: z.array(
      z.object({
        port: z.string(),
        product: z.string(),
        check: z.string(),
        state: z.enum(['ok', 'missing', 'problem']),
        found: z.string(),
        hint: z.string().optional(),
      }),
    ),
  }),
})

export const listNotices = route({
  id: 'platform.notices',
  method: 'GET',
  path: '/api/v1/notices',
  summary: 'What holds for the whole platform and needs somebody to act; empty when nothing does',
  access: 'signed-in',
  reply: z.object({ items: z.array(z.object({ id: z.string(), text: z.string(), hint: z.string() })) }),
})
