import { createHash } from 'node:crypto'

/** The dashboard of a service in an environment, as Grafana addresses it: at most 40 characters, the same every time. */
export function dashboardUid({ service, environment }: { service: string; environment: string }): string {
  const digest = createHash('sha256').update(`${environment}/${service}`).digest('hex').slice(0, 24)
  return `fairway-${digest}`
}
