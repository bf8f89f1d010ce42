import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitUntil } from './wait-until.ts'

export interface EvaluatedRule {
  readonly name: string
  readonly query: string
  readonly health: string
  readonly state: string
  readonly lastError?: string
}

/**
 * Gives the lab's Prometheus a rule file, as a side car would, until the test ends. What it says of the rules of that
 * group, once each was evaluated and `until` holds.
 */
export async function loadRules(
  t: { after(work: () => unknown): void },
  facts: Readonly<Record<string, string>>,
  {
    name,
    text,
    group,
    until = () => true,
  }: { name: string; text: string; group: string; until?: (rules: readonly EvaluatedRule[]) => boolean },
): Promise<readonly EvaluatedRule[]> {
  const file = join(facts['rules'] ?? '', `${name}.yaml`)
  const reload = async () => {
    const reply = await fetch(`${facts['url']}/-/reload`, { method: 'POST' })
    if (!reply.ok) throw new Error(`Prometheus refuses the rules: ${await reply.text()}`)
  }
  t.after(async () => {
    await rm(file, { force: true })
    await reload()
  })
  await writeFile(file, text)
  await reload()
  return waitUntil(
    async () => {
      const reply = await fetch(`${facts['url']}/api/v1/rules`)
      const { data } = (await reply.json()) as { data: { groups: { name: string; rules: EvaluatedRule[] }[] } }
      const rules = data.groups.find((one) => one.name === group)?.rules
      return rules?.every(({ health }) => health !== 'unknown') && until(rules) ? rules : undefined
    },
    { what: `the rules of ${group} to be evaluated`, ms: 60_000, everyMs: 200 },
  )
}
