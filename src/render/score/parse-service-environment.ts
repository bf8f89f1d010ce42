import { ServiceEnvironment } from '#model/environment.ts'
import { invalidFields, readYamlAs } from '#lib/yaml/read-yaml.ts'
import type { FieldIssue } from '#lib/yaml/read-yaml.ts'

const quantity = { cpu: /^(\d+m|\d+(\.\d{1,3})?)$/, memory: /^[1-9]\d*(k|M|G|T|Ki|Mi|Gi|Ti)?$/ } as const
const host = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/

/** Reads `.fairway/environments/<environment>.yaml`; an absent file (undefined) changes nothing. SETTINGS_INVALID names line and field. */
export function parseServiceEnvironment(text: string | undefined, file = '.fairway/environments'): ServiceEnvironment {
  if (text === undefined || isBlank(text)) return ServiceEnvironment.parse({})
  const source = { code: 'SETTINGS_INVALID', file } as const
  const { value, yaml } = readYamlAs(text, ServiceEnvironment, source)
  const issues = issuesOf(value)
  if (issues.length > 0) throw invalidFields(issues, yaml, source)
  return value
}

function isBlank(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(#.*)?$/.test(line))
}

function issuesOf({ resources, hosts, variables }: ServiceEnvironment): FieldIssue[] {
  const issues: FieldIssue[] = hosts.flatMap((name, index) =>
    host.test(name) ? [] : [{ path: ['hosts', index], message: 'this is not a host name' }],
  )
  for (const bound of ['requests', 'limits'] as const) {
    for (const amount of ['cpu', 'memory'] as const) {
      const text = resources?.[bound]?.[amount]
      if (text === undefined || quantity[amount].test(text)) continue
      issues.push({ path: ['resources', bound, amount], message: 'write cpu as 250m or 0.5 and memory as 128Mi' })
    }
  }
  for (const name of Object.keys(variables).filter((key) => key.startsWith('FAIRWAY_'))) {
    issues.push({ path: ['variables', name], message: 'names that begin with FAIRWAY_ are the platform’s' })
  }
  return issues
}
