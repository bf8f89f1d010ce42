import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { localArtifacts } from '#adapters/artifacts/local/local.ts'
import { detectIsolation } from '#lib/isolation.ts'
import { openWorkRoot } from '#lib/work-root.ts'
import { callService } from '../../../testing/cli.ts'
import { runningOn, type TestPlatform } from '../../../testing/start-platform.ts'
import { readLedger } from './ledger.ts'
import type { Judged } from './one-kill.ts'

/** One image per release, one instance that answers with the right words, and no folder or process of a pipeline left. */
export async function faultsAtRuntime(platform: TestPlatform, { act, run }: Judged): Promise<string[]> {
  const { service, environment, words } = act
  const place = `${environment}/${service.name}`
  const instances = (await platform.processes()).workloads.filter((one) => one.place === place)
  const answer = await callService(platform, { service: service.name, environment })
  const images = await localArtifacts({ folder: join(platform.data, 'artifacts') }).tags(`team-a/${service.name}`)
  const root = (await openWorkRoot(platform.data, await detectIsolation({ place: platform.data }))).path
  const pipelines = await readdir(join(root, 'runs')).catch(() => [])
  const processes = (await runningOn(platform.data)).filter((line) => line.includes(`${root}/runs/`))
  const stored = readLedger(platform.data).filter((entry) => entry.run === run && isImage(entry))
  return [
    ...(instances.length === 1 ? [] : [`${place} runs ${instances.length} times`]),
    ...(answer.status === 200 && answer.body === words
      ? []
      : [`${place} answers ${answer.status} ${answer.body}, not ${words}`]),
    ...(images.length === 1 + service.pushes ? [] : [`${images.length} images, not ${1 + service.pushes}`]),
    ...(new Set(stored.map(({ what }) => what)).size <= 1 ? [] : ['attempts stored different images']),
    ...[...pipelines, ...processes].map((left) => `left behind by a pipeline: ${left}`),
  ]
}

function isImage({ call, phase, what }: { call: string; phase: string; what: string }): boolean {
  return call === 'ci.publish' && phase === 'before' && what !== ''
}
