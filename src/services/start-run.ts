import { createHash, randomBytes } from 'node:crypto'
import { PlatformError } from '#errors/platform-error.ts'
import type { Run, Workflow } from '#model/run.ts'
import { appendAudit } from '#store/audit.ts'
import { claimKey, isKeyUsed } from '#store/idempotency.ts'
import type { Database } from '#store/database.ts'
import { findRun, type NewRun } from '#store/run.ts'
import { inTransaction } from '#store/transaction.ts'
import { plannedSteps } from '#workflows/all.ts'
import type { Platform } from '#workflows/platform.ts'
import { digestOfRequest, otherRequest } from './once.ts'

export interface RunRequest {
  readonly workflow: Workflow
  readonly actor: string
  readonly service: string
  readonly team: string
  readonly environment?: string
  readonly input: Record<string, unknown>
  /** Further input that the platform found and the run is held to; equal requests may differ in it. */
  readonly agreed?: Record<string, unknown>
  /** The client's Idempotency-Key: the same key and input give the same run. */
  readonly idempotencyKey?: string | undefined
  /** For runs that something else identifies, such as a commit: repeating starts nothing. */
  readonly id?: string
  /** The planned steps, where the workflow alone does not tell them. */
  readonly steps?: NewRun['steps']
  /** Changed in the same transaction, with the run's start; what it throws starts nothing. */
  readonly within?: (tx: Database) => Promise<void>
}

/** Records a run, its audit record and its start in one transaction; what comes back exists and survives a crash. */
export async function startRun(platform: Platform, request: RunRequest): Promise<Run> {
  const id = request.id ?? newRunId()
  const existing = await inTransaction(platform.pool, async (tx, client) => {
    if (request.idempotencyKey) {
      const claim = await claimKey(tx, {
        actor: request.actor,
        key: request.idempotencyKey,
        route: request.workflow,
        bodyDigest: digestOfRequest(request.input),
        run: id,
      })
      if (!claim.first && !claim.sameRequest) throw otherRequest()
      if (!claim.first) return claim.run
    }
    const steps = request.steps ?? plannedSteps(request.workflow)
    const isNew = await platform.engine.start(tx, client, {
      id,
      workflow: request.workflow,
      service: request.service,
      team: request.team,
      ...(request.environment && { environment: request.environment }),
      requestedBy: request.actor,
      input: { ...request.input, ...request.agreed },
      steps,
    })
    if (!isNew) return id
    await request.within?.(tx)
    await appendAudit(tx, {
      actor: request.actor,
      action: request.workflow,
      object: `service:${request.service}`,
      phase: 'act',
      result: 'ok',
      run: id,
      detail: { ...(request.environment && { environment: request.environment }) },
    })
    return undefined
  })
  const run = await findRun(platform.db, existing ?? id)
  if (!run) throw new PlatformError('RUN_UNKNOWN', `run ${existing ?? id} is gone`)
  await platform.events.publish('run', run.id)
  return run
}

/**
 * The run that an earlier request with the same key started. Asked before a request is checked: what it did may be why
 * the same request could not be made now. Another request with that key is IDEMPOTENCY_CONFLICT.
 */
export async function repeatedRun(platform: Platform, request: RunRequest): Promise<Run | undefined> {
  const { actor, idempotencyKey } = request
  const isUsed = idempotencyKey !== undefined && (await isKeyUsed(platform.db, actor, idempotencyKey))
  return isUsed ? startRun(platform, request) : undefined
}

/** Ten characters, no look-alikes, sortable by nothing: an id says nothing about who or what. */
export function newRunId(): string {
  const alphabet = '23456789abcdefghjkmnpqrstvwxyz'
  return `r${[...randomBytes(9)].map((byte) => alphabet[byte % alphabet.length]).join('')}`
}

/** The id of the release run of a commit: whoever notices the push first starts it, everybody else finds it. */
export function releaseRunId(service: string, commit: string): string {
  return `c${createHash('sha256').update(`${service}\0${commit}`).digest('hex').slice(0, 11)}`
}
