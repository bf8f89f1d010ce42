import { Explanation } from '#model/explanation.ts'
import { explainFailure } from '#services/explain/explain-failure.ts'
import { releaseRunId } from '#services/start-run.ts'
import { type PlatformForTest, platformForTest } from '../../testing/platform-for-test.ts'
import { tinyPlatformFiles } from '../../testing/tiny-platform.ts'
import { intact, type Seeded, seeded } from './failure-sentences/seeded.ts'

/** The ten kinds of failure of the contract. */
export const small = 10

const repo = { owner: 'team-a', name: 'shop' }

/**
 * Breaks a service in `size` ways, one after the other, and lets the platform explain each. Holds when every sentence
 * names its cause, something shows it, what changed since the last good release is told with its author, and two acts
 * follow.
 */
export async function prove({ seed, size }: { seed: number; size: number }): Promise<{
  holds: boolean
  figures: Record<string, unknown>
}> {
  const ends: (() => unknown)[] = []
  try {
    const whole = await platformForTest({ after: (end) => void ends.push(end) }, { files: hurried() })
    await whole.service(repo.name)
    const faults: string[] = []
    const sentences: Record<string, string> = {}
    for (const one of chosen(seed, size)) {
      const found = await explain(whole, one)
      sentences[one.name] = found?.cause ?? 'nothing was explained'
      faults.push(...faultsOf(one, found).map((fault) => `${one.name}: ${fault}`))
    }
    for (const fault of faults) console.error(fault)
    return { holds: faults.length === 0, figures: { failures: Object.keys(sentences).length, sentences, faults } }
  } finally {
    for (const end of ends.toReversed()) await end()
  }
}

/** Twelve seconds for a rollout in dev, so that what never becomes ready is known soon. */
function hurried() {
  return tinyPlatformFiles().map(({ path, content }) => ({
    path,
    content: path === 'environments/dev.yaml' ? content.replace(/rolloutSeconds: \d+/, 'rolloutSeconds: 12') : content,
  }))
}

function chosen(seed: number, size: number): Seeded[] {
  const from = seed % seeded.length
  return Array.from({ length: size }, (_, index) => seeded[(from + index) % seeded.length]).filter(
    (one) => one !== undefined,
  )
}

async function explain(whole: PlatformForTest, one: Seeded): Promise<Explanation | undefined> {
  const write = { ...intact, ...one.write, 'CHANGES.md': `${one.name} ${Date.now()}\n` }
  const mend = await one.disturb?.(whole.platform)
  try {
    const commit = await whole.push({ repo, by: 'dev', message: `Seed: ${one.name}`, write })
    const run = await whole.ended(releaseRunId(repo.name, commit), 'failed')
    const { explanation } = await explainFailure(whole.platform, await whole.caller('dev'), run.id)
    return explanation && Explanation.parse(explanation)
  } finally {
    await mend?.()
  }
}

function faultsOf({ name, names, kind }: Seeded, found: Explanation | undefined): string[] {
  if (!found) return ['nothing was explained']
  const { cause, evidence, changed, next, report } = found
  const missing = names.filter((word) => !cause.includes(word))
  return [
    ...missing.map((word) => `the sentence does not name ${word}: ${cause}`),
    ...(found.kind === kind ? [] : [`it counts as ${found.kind}`]),
    ...(evidence.length > 0 ? [] : ['nothing shows it']),
    ...(changed?.commits.some(({ message }) => message === `Seed: ${name}`) ? [] : ['what changed is not told']),
    ...(changed?.by.includes('dev') ? [] : [`by ${changed?.by.join(', ')}, not by dev`]),
    ...(next.length === 2 ? [] : [`${next.length} acts follow`]),
    ...[cause, ...next.map(({ command }) => command)]
      .filter((text) => !report.includes(text))
      .map((text) => `the report lacks: ${text}`),
  ]
}
