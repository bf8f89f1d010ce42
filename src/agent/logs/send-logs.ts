import type { LogOwner } from './log-shipper.ts'

export interface LogBatch {
  readonly token: string
  readonly owner: LogOwner
  readonly records: readonly Record<string, unknown>[]
}

/** `later`: nobody took them now. `refused`: nobody ever will. */
export type Delivered = 'taken' | 'refused' | 'later'

/** One ExportLogsServiceRequest as JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp). */
export async function sendLogs(endpoint: string, { token, owner, records }: LogBatch): Promise<Delivered> {
  const resource = {
    'service.name': owner.service,
    'service.namespace': owner.owner,
    'service.version': owner.version,
    'service.instance.id': owner.instance,
    'deployment.environment.name': owner.environment,
  }
  const attributes = Object.entries(resource).map(([key, value]) => ({ key, value: { stringValue: value } }))
  const scopeLogs = [{ scope: { name: 'fairway.agent' }, logRecords: records }]
  try {
    const reply = await fetch(`${endpoint.replace(/\/$/, '')}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs }] }),
      signal: AbortSignal.timeout(10_000),
      redirect: 'error',
    })
    await reply.body?.cancel()
    if (reply.ok) return 'taken'
    // A token may be refused while the control plane changes its secret; bad requests stay bad.
    return [400, 413, 415, 422].includes(reply.status) ? 'refused' : 'later'
  } catch {
    return 'later'
  }
}
