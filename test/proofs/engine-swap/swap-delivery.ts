import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiAs, callService, git } from '../../../testing/cli.ts'
import { type AroundCluster, aroundCluster } from '../../../testing/kubernetes/around-a-cluster.ts'
import { clearGitea, labConfig, type LabProduct } from '../../../testing/lab-config.ts'
import { preparePlatform, type TestPlatform } from '../../../testing/start-platform.ts'
import { labFacts } from '../../../testing/lab.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import { must } from './must.ts'
import { pushEdition } from './push-edition.ts'
import { differing, readFacts } from './read-facts.ts'
import type { Swapped } from './swap-git-host.ts'

/** What both sides share, so that a cluster can fetch the files and the images. */
const shared = ['gitea', 'oci-registry'] as const satisfies readonly LabProduct[]
export const swappedDelivery = [...shared, 'argo-cd'] as const satisfies readonly LabProduct[]

const service = 'swap'
const pointed = ['dev', 'staging', 'production']
const byArgoCd = 'argo-cd'

/**
 * The embedded agent replaced by Argo CD and back, `size` times. Right when every service runs on the new side in the
 * release it had, nothing of it on the old side, and the ways to change it work there.
 */
export async function swapDelivery(size: number): Promise<Swapped> {
  const [here, there] = [await labConfig(shared), await labConfig(swappedDelivery)]
  const platform = await preparePlatform(undefined, here)
  const files = { local: platform.env['FAIRWAY_CONFIG'] ?? '', [byArgoCd]: join(platform.data, '../argo-cd.yaml') }
  await writeFile(files[byArgoCd], there.text.replaceAll('GATEWAY_PORT', String(platform.gatewayPort)))
  const faults: string[] = []
  const figures: Record<string, unknown> = {}
  const ends = endings()
  try {
    await clearGitea()
    await platform.start()
    for (const name of ['platform', 'dev2', 'dev']) await must(platform, 'login', '--as', name)
    await must(platform, 'new', '--template', 'http-api', '--name', service, '--owner', 'team-a', '--wait')
    await must(platform, 'promote', service, '--to', 'staging', '--wait')
    let cluster: AroundCluster | undefined
    for (const [turn, to] of Array.from({ length: size }, () => [byArgoCd, 'local'] as const)
      .flat()
      .entries()) {
      const before = await readFacts(await apiAs(platform, 'dev'))
      const [head, versions] = [await headOf(platform), await liveVersions(platform)]
      const began = performance.now()
      if (cluster) {
        for (const name of pointed) await must(platform, 'env', 'detach', name, '--yes', '--wait', '--as', 'platform')
        faults.push(...(await leftBehind(platform, cluster)))
      }
      await must(platform, 'down')
      await ends.end()
      platform.env['FAIRWAY_CONFIG'] = files[to]
      cluster = to === byArgoCd ? await aroundCluster(ends, platform) : undefined
      await platform.start()
      if (cluster) for (const name of pointed) await must(platform, 'env', 'bootstrap', name, '--as', 'platform')
      for (const [name, version] of versions) await untilRuns(platform, name, version)
      figures[`seconds until ${to} delivers`] = Number(((performance.now() - began) / 1000).toFixed(1))
      const { workloads } = await platform.processes()
      if (cluster && workloads.length > 0) faults.push(`${workloads.length} instances of the agent are left`)
      faults.push(...differing(before, await readFacts(await apiAs(platform, 'dev'))).map((one) => `${to}: ${one}`))
      if ((await headOf(platform)) !== head) faults.push(`${to}: the service's own repository was changed`)
      faults.push(...(await pushEdition(platform, { service, edition: `${to}-${turn}` })))
      const [staging, dev] = ['staging', 'dev'].map((name) => versions.get(name) ?? '')
      await must(platform, 'promote', service, '--to', 'staging', '--wait')
      const pushed = async () => [(await liveVersions(platform)).get('dev')].find((version) => version !== dev)
      const promoted = await waitUntil(pushed, { what: `another version than ${dev} in dev`, ms: 60_000, everyMs: 500 })
      await untilRuns(platform, 'staging', promoted)
      await must(platform, 'rollback', service, '--env', 'staging', '--wait')
      await untilRuns(platform, 'staging', staging ?? '')
    }
    return { faults, figures }
  } catch (error) {
    console.error(await platform.words())
    throw error
  } finally {
    await platform.remove()
    await ends.end()
    await clearGitea()
  }
}

/** What a product that was detached still has. */
async function leftBehind(platform: TestPlatform, cluster: AroundCluster): Promise<string[]> {
  const left = [...(await cluster.pods(service))]
  for (const name of pointed) {
    const told = await must(platform, 'env', 'detach', name, '--dry-run', '--json', '--as', 'platform')
    left.push(...told.json<{ objects: { name: string }[] }>().objects.map((object) => object.name))
  }
  return left.map((one) => `${one} is left in the cluster`)
}

/** The commit of main in the service's own repository, as Gitea has it. */
async function headOf(platform: TestPlatform): Promise<string> {
  const { facts } = await labFacts('gitea')
  const url = `${facts['url']}/team-a/${service}.git`
  return (await git(platform, platform.data, 'ls-remote', url, 'refs/heads/main')).stdout.split('\t')[0] ?? ''
}

/** The version that is healthy in each environment, by its name. */
async function liveVersions(platform: TestPlatform): Promise<ReadonlyMap<string, string>> {
  const api = await apiAs(platform, 'dev')
  const { data } = await api.GET('/api/v1/services/{name}/status', { params: { path: { name: service } } })
  const live = data?.environments.filter(({ health, sync }) => health === 'healthy' && sync === 'synced') ?? []
  return new Map(live.map(({ name, release }) => [name, release?.version ?? '']))
}

/** Waits until the platform calls this version healthy there and the service itself says it is this version. */
async function untilRuns(platform: TestPlatform, environment: string, version: string): Promise<void> {
  const runs = async () => {
    if ((await liveVersions(platform)).get(environment) !== version) return false
    const { status, body } = await callService(platform, { service, environment })
    return status === 200 && (JSON.parse(body) as { version: string }).version === version
  }
  await waitUntil(runs, { what: `${version} to answer in ${environment}`, ms: 180_000, everyMs: 500 })
}

/** What has to be ended, last first, each time it is asked for. */
function endings() {
  const acts: (() => unknown)[] = []
  return {
    after: (act: () => unknown) => void acts.push(act),
    async end() {
      for (let act = acts.pop(); act; act = acts.pop()) await act()
    },
  }
}
