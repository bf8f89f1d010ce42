import { z } from 'zod'
import { ChangeRequest } from '#model/change-request.ts'
import {
  Deployment,
  Health,
  LiveResource,
  RuntimeEvent,
  ServiceInEnvironment,
  ServiceStatus,
  Sync,
} from '#model/deployment.ts'
import { MatrixRow } from '#model/deployment-matrix.ts'
import { DocEntry } from '#model/doc-page.ts'
import { CatalogEntity, Packaging } from '#model/entity.ts'
import { Explanation } from '#model/explanation.ts'
import { Commit, Name } from '#model/names.ts'
import { Release } from '#model/release.ts'
import { Run } from '#model/run.ts'
import { DeliveryPreview, ServicePreview } from '#model/template.ts'
import { AuditRecord } from '#model/audit.ts'
import { route } from '../route.ts'
import { InEnvironment, NumberedPaging, page, Paging, ServiceParams } from './shared.ts'
import { ServiceRequest } from './templates.ts'

export const Attention = z
  .object({
    service: Name,
    environment: Name.optional(),
    severity: z.enum(['error', 'warning', 'info']),
    reason: z.string(),
    link: z.string(),
    since: z.iso.datetime().optional(),
  })
  .meta({ id: 'Attention' })

export const ServiceSummary = z
  .object({
    name: Name,
    owner: Name,
    title: z.string(),
    description: z.string(),
    lifecycle: z.string(),
    template: z.string().optional(),
    onPath: z.boolean().meta({ description: 'False while the adoption of its repository waits for the merge.' }),
    packaging: Packaging.meta({ description: '`score` is the default path; the others are beside it.' }),
    environments: z.array(ServiceInEnvironment),
    sync: Sync,
    health: Health,
    readAt: z.iso.datetime(),
  })
  .meta({ id: 'ServiceSummary' })

/** One act of the page, with why it is not to be had now. The same answer the act itself would give. */
const Possible = z.object({
  environment: Name,
  can: z.boolean(),
  reason: z.string().optional(),
  from: z.string().optional(),
  version: z.string().optional(),
})

export const ServiceDetail = ServiceSummary.extend({
  entity: CatalogEntity,
  repository: z.object({
    name: z.string(),
    cloneUrl: z.string(),
    defaultBranch: z.string(),
    headCommit: z.string().optional(),
  }),
  madeFrom: z
    .object({ template: z.string(), version: z.string(), answers: z.record(z.string(), z.unknown()) })
    .optional(),
  attention: z.array(Attention),
  deployments: z.array(Deployment),
  openChanges: z.array(ChangeRequest),
  openRuns: z.array(Run),
  promote: z.array(Possible),
  rollback: z.array(Possible),
  facts: z.array(z.object({ name: z.string(), value: z.string(), source: z.string(), readAt: z.iso.datetime() })),
  docs: z.array(DocEntry),
}).meta({ id: 'ServiceDetail' })

const Started = z.object({ run: Run })

export const createService = route({
  id: 'services.create',
  method: 'POST',
  path: '/api/v1/services',
  summary: 'Create a service from a golden path; with dryRun only say what would be made',
  access: 'signed-in',
  repeat: 'run',
  body: ServiceRequest.extend({ dryRun: z.boolean().default(false) }),
  reply: z.union([Started, z.object({ preview: ServicePreview })]),
  status: 202,
})

export const listServices = route({
  id: 'services.list',
  method: 'GET',
  path: '/api/v1/services',
  summary: 'Services with how they stand in each environment',
  access: 'signed-in',
  query: Paging.extend({
    owner: Name.optional(),
    q: z.string().max(200).optional(),
    health: Health.optional(),
    sync: Sync.optional(),
    packaging: Packaging.optional(),
    onPath: z.stringbool().optional(),
  }),
  reply: page(ServiceSummary).extend({
    total: z
      .int()
      .meta({ description: 'By name, owner, path and packaging; filters on live facts do not count here.' }),
  }),
})

export const deploymentMatrix = route({
  id: 'services.matrix',
  method: 'GET',
  path: '/api/v1/deployment-matrix',
  summary:
    'Services × environments: which release runs where, how it stands, and how far it is behind the environment before',
  access: 'signed-in',
  query: Paging.extend({
    owner: Name.optional(),
    q: z.string().max(200).optional(),
    health: Health.optional(),
    sync: Sync.optional(),
    differs: z.stringbool().optional(),
    limit: z.coerce.number().int().min(1).max(100).default(25),
  }),
  reply: page(MatrixRow).extend({ environments: z.array(Name), total: z.int(), readAt: z.iso.datetime() }),
})

export const readService = route({
  id: 'services.read',
  method: 'GET',
  path: '/api/v1/services/:name',
  summary: 'A service on one page',
  access: 'signed-in',
  params: ServiceParams,
  reply: ServiceDetail,
})

export const serviceStatus = route({
  id: 'services.status',
  method: 'GET',
  path: '/api/v1/services/:name/status',
  summary: 'Release, sync, health and address per environment',
  access: 'signed-in',
  params: ServiceParams,
  reply: ServiceStatus,
})

export const explainService = route({
  id: 'services.explanations',
  method: 'GET',
  path: '/api/v1/services/:name/explanations',
  summary: 'What stands failed of a service, or of one of its releases, explained',
  access: 'signed-in',
  params: ServiceParams,
  query: z.object({ version: z.string().max(100).optional() }),
  reply: z.object({ items: z.array(Explanation) }),
})

export const serviceDeployments = route({
  id: 'services.deployments',
  method: 'GET',
  path: '/api/v1/services/:name/deployments',
  summary: 'Deployment history from the delivery repository, newest first',
  access: 'signed-in',
  params: ServiceParams,
  query: Paging.extend({ environment: Name.optional() }),
  reply: page(Deployment),
})

export const serviceReleases = route({
  id: 'services.releases',
  method: 'GET',
  path: '/api/v1/services/:name/releases',
  summary: 'Releases, newest first',
  access: 'signed-in',
  params: ServiceParams,
  query: Paging,
  reply: page(Release),
})

export const serviceResources = route({
  id: 'services.resources',
  method: 'GET',
  path: '/api/v1/services/:name/resources',
  summary: 'What runs in an environment, with its events',
  access: 'signed-in',
  params: ServiceParams,
  query: InEnvironment,
  reply: z.object({
    resources: z.array(LiveResource),
    events: z.array(RuntimeEvent),
    unavailable: z.string().optional(),
  }),
})

export const serviceActivity = route({
  id: 'services.activity',
  method: 'GET',
  path: '/api/v1/services/:name/activity',
  summary: 'Audit records about a service, newest first',
  access: 'signed-in',
  params: ServiceParams,
  query: NumberedPaging,
  reply: page(AuditRecord),
})

export const deliveryDiff = route({
  id: 'services.diff',
  method: 'GET',
  path: '/api/v1/services/:name/diff',
  summary: 'The rendered difference a promotion to an environment would commit',
  access: 'signed-in',
  params: ServiceParams,
  query: z.object({ to: Name, version: z.string().optional() }),
  reply: DeliveryPreview,
})

export const promote = route({
  id: 'services.promote',
  method: 'POST',
  path: '/api/v1/services/:name/promotions',
  summary: 'Promote the release of the environment before, or a named one',
  access: 'signed-in',
  repeat: 'run',
  params: ServiceParams,
  body: z.strictObject({ to: Name, version: z.string().max(100).optional(), dryRun: z.boolean().default(false) }),
  reply: z.union([Started, z.object({ preview: DeliveryPreview })]),
  status: 202,
})

export const rollback = route({
  id: 'services.rollback',
  method: 'POST',
  path: '/api/v1/services/:name/rollbacks',
  summary: 'Bring back the last healthy deployment of an environment, or a named earlier one',
  access: 'signed-in',
  repeat: 'run',
  params: ServiceParams,
  body: z.strictObject({
    environment: Name,
    /** Delivery commit of the deployment to restore. */ to: Commit.optional(),
    reason: z.string().max(500).default(''),
    dryRun: z.boolean().default(false),
  }),
  reply: z.union([Started, z.object({ preview: DeliveryPreview })]),
  status: 202,
})
