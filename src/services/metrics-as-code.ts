import { z } from 'zod'
import { codeOf } from '#errors/platform-error.ts'
import { dashboardUid } from '#lib/promql/dashboard-uid.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import { readYamlAs } from '#lib/yaml/read-yaml.ts'
import type { AlertRule, MetricsAsCode } from '#model/signals.ts'
import { alertRulesFile, dashboardFile } from '#render/observability/platform-files.ts'
import { deployedFile, deploymentsIn } from '#workflows/deliver/history.ts'
import type { Platform } from '#workflows/platform.ts'

/**
 * Dashboard and alert rules of a service as they are deployed, read from Git; undefined where nobody asked for them. A
 * service deployed before they were asked for has none until its next deployment.
 */
export async function metricsAsCode(
  platform: Platform,
  place: { service: string; environment: string },
): Promise<MetricsAsCode | undefined> {
  const { metrics, delivery } = platform.ports
  if (!metrics.asCode || !delivery.can.objectsAreFound) return undefined
  const { dashboards, alertRules } = metrics.asCode
  const { product, addressOf } = dashboards ?? {}
  try {
    const [deployment] = await deploymentsIn(platform, place, 1)
    const read = async (file: string) => deployment && deployedFile(platform, { ...place, ...deployment }, file)
    const [board, rules] = await Promise.all([dashboards && read(dashboardFile), alertRules && read(alertRulesFile)])
    return {
      ...(product && addressOf && board && { dashboard: { product, url: addressOf(dashboardUid(place)) } }),
      ...(alertRules && { alerts: rules === undefined ? [] : await rulesIn(rules) }),
    }
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return { unavailable: (error as Error).message } // charts do not wait for Git
  }
}

const Groups = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          for: z.string(),
          labels: z.record(z.string(), z.string()),
          annotations: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ),
})
/** The rules as their own kind, or as a rule file in a ConfigMap. */
const RulesObject = z.union([z.object({ spec: Groups }), z.object({ data: z.record(z.string(), z.string()) })])

async function rulesIn(text: string): Promise<AlertRule[]> {
  const source = { code: 'SETTINGS_INVALID', file: alertRulesFile } as const
  await admitYaml(text)
  const object = readYamlAs(text, RulesObject, source).value
  const contents = 'data' in object ? Object.values(object.data) : []
  await admitYaml(...contents)
  const inFiles = contents.map((content) => readYamlAs(content, Groups, source).value)
  return [...('spec' in object ? [object.spec] : []), ...inFiles]
    .flatMap(({ groups }) => groups.flatMap(({ rules }) => rules))
    .map(({ alert, expr, for: lasts, labels, annotations }) => ({
      name: alert,
      expression: expr,
      for: lasts,
      severity: labels['severity'] ?? '',
      summary: annotations['summary'] ?? '',
    }))
}
