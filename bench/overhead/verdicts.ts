import { join } from 'node:path'
import { parse } from 'yaml'
import { bundleFromFolder } from '#adapters/policy/local/bundle.ts'
import { localPolicy } from '#adapters/policy/local/local.ts'
import { renderManifests } from '#render/score/render-manifests.ts'
import { goldenWorkload } from '../../testing/golden-workload.ts'
import type { Figure } from '../../tools/bench.ts'
import { quantile, timed } from './measure.ts'

const count = 3_000

/** All shipped rules on the manifests of the largest workload the renderer knows, asked one after the other, as a gate does. */
export async function verdictFigures(): Promise<Figure[]> {
  const policy = await localPolicy({ bundle: await bundleFromFolder(join(import.meta.dirname, '../../policies')) })
  const files = renderManifests(goldenWorkload())
  const objects = files
    .filter(({ path }) => !/^(kustomization|release)\.yaml$/.test(path))
    .map(({ content }) => parse(content) as unknown)
  const input = {
    gate: 'change',
    environment: { name: 'production', registries: ['fairway.local'] },
    environments: ['dev', 'staging', 'production'],
    team: 'team-a',
    teams: ['team-a'],
    service: 'shop',
    objects,
  }
  const times: number[] = []
  try {
    for (let at = 0; at < count; at++) {
      const now = new Date().toISOString()
      const ask = () => policy.evaluate({ gate: 'change', environment: 'production', input: { ...input, now } })
      times.push((await timed(ask)) * 1_000)
    }
  } finally {
    await policy.close()
  }
  const warm = times.slice(200)
  const name = `verdict of all rules on ${objects.length} objects`
  return [
    { name: `${name}, median`, value: quantile(warm, 0.5), unit: 'ms' },
    { name: `${name}, 99th percentile (aim under 2)`, value: quantile(warm, 0.99), unit: 'ms' },
  ]
}
