import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { asCodeOf } from '#adapters/metrics/prometheus/as-code.ts'
import { PrometheusOptions } from '#adapters/metrics/prometheus/options.ts'
import { commitTree } from '#lib/git/commits.ts'
import { pushRefs } from '#lib/git/remote.ts'
import { editTree, treeOf } from '#lib/git/trees.ts'
import { deliveryRepo } from '#model/names.ts'
import { alertRules } from '#render/observability/alert-rules.ts'
import { fetchDelivery } from '#workflows/deliver/open-change.ts'
import { observabilityRequest } from '#workflows/deliver/observability.ts'
import { type PlatformForTest, platformForTest } from '../../testing/platform-for-test.ts'
import { rollbackService } from './promote-service.ts'
import { startRelease } from './react.ts'
import { readMetrics } from './signals.ts'
import { releaseRunId } from './start-run.ts'

const place = { name: 'shop', environment: 'dev' }
const prometheus = { url: 'http://prometheus.monitoring:9090', exportSeconds: 5 }
const grafana = { url: 'https://grafana.example.com/team/', dataSource: 'prom-1' }

// One story: each test goes on where the one before ended.
let whole: PlatformForTest
const teardown: (() => unknown)[] = []
before(async () => {
  whole = await platformForTest({ after: (end) => void teardown.push(end) })
  await whole.service('shop')
})
after(async () => {
  for (const end of teardown.toReversed()) await end()
})

/** The operator's setting, as the adapter of Prometheus hands it on, where what is delivered is found by other tools. */
function ask(options: object, { objectsAreFound = true } = {}): void {
  const { metrics, delivery } = whole.platform.ports
  Object.assign(metrics, { asCode: asCodeOf(PrometheusOptions.parse({ ...prometheus, ...options })) })
  Object.assign(delivery, { can: { ...delivery.can, objectsAreFound } })
}

async function release(text: string): Promise<void> {
  const repo = { owner: 'team-a', name: 'shop' }
  const commit = await whole.push({ repo, by: 'dev', write: { 'notes.md': text } })
  await startRelease(whole.platform, { repo, commit, actor: 'dev' })
  await whole.ended(releaseRunId('shop', commit), 'succeeded')
}

async function asCode() {
  return (await readMetrics(whole.platform, await whole.caller('dev'), { place, minutes: 15, points: 10 })).asCode
}

async function folder(): Promise<string[]> {
  const paths = await whole.platform.ports.gitHost.files.list(deliveryRepo, 'main')
  return paths.filter((path) => path.startsWith('envs/dev/shop/')).map((path) => path.slice('envs/dev/shop/'.length))
}

test('where nobody asked for it nothing is rendered and nothing is said', async () => {
  assert.ok(!(await folder()).some((path) => /dashboard|alert/.test(path)))
  assert.equal(await asCode(), undefined)
})

test('where nothing loads what is delivered nothing is rendered and nothing is said', async () => {
  ask({ grafana, alertRules: 'configmap' }, { objectsAreFound: false })
  await release('found by nobody')

  assert.ok(!(await folder()).some((path) => /dashboard|alert/.test(path)))
  assert.equal(await asCode(), undefined)
})

test('what was deployed before it was asked for has no dashboard and no rules yet', async () => {
  ask({ grafana, alertRules: 'configmap' })

  assert.deepEqual(await asCode(), { alerts: [] })
})

test('the next release brings dashboard and rules through the gates, and the answer leads to them', async () => {
  await release('watched')

  const paths = await folder()
  const list = await whole.platform.ports.gitHost.files.read(deliveryRepo, 'main', 'envs/dev/shop/kustomization.yaml')
  for (const path of ['alert-rules.yaml', 'dashboard.yaml']) {
    assert.ok(paths.includes(path), path)
    assert.ok(list?.includes(`- ${path}\n`), `${path} in kustomization.yaml`)
  }
  const found = await asCode()
  assert.match(
    found?.dashboard?.url ?? '',
    /^https:\/\/grafana\.example\.com\/team\/d\/fairway-[0-9a-f]{24}\?var-datasource=prom-1$/,
  )
  assert.deepEqual(
    found?.alerts?.map(({ name, expression }) => [name, expression]),
    wantedRules().map(({ alert, expr }) => [alert, expr]),
  )
})

test('rules as objects of their own kind pass the same gates and read the same', async () => {
  ask({ alertRules: 'prometheus-rule' })
  await release('as objects')

  const text = await whole.platform.ports.gitHost.files.read(deliveryRepo, 'main', 'envs/dev/shop/alert-rules.yaml')
  assert.match(text ?? '', /kind: PrometheusRule/)
  assert.ok(!(await folder()).includes('dashboard.yaml'))
  assert.deepEqual(
    (await asCode())?.alerts?.map(({ expression }) => expression),
    wantedRules().map(({ expr }) => expr),
  )
})

test('a rollback brings back dashboard and rules of then', async () => {
  ask({ grafana, alertRules: 'configmap' })
  const request = { service: 'shop', environment: 'dev', reason: 'the rules are too loud' }
  const run = await rollbackService(whole.platform, await whole.caller('dev'), { request })
  await whole.ended(run.id, 'succeeded')

  assert.ok((await folder()).includes('dashboard.yaml'))
  assert.ok((await asCode())?.dashboard)
  assert.equal((await asCode())?.alerts?.length, wantedRules().length)
  ask({ grafana })
  assert.deepEqual(Object.keys((await asCode()) ?? {}), ['dashboard'])
  ask({ grafana, alertRules: 'configmap' })
})

test('a rule file that somebody broke in Git is said, and the charts are answered all the same', async () => {
  const repo = { dir: whole.platform.objects }
  const main = await fetchDelivery(whole.platform)
  const write = [
    { path: 'envs/dev/shop/alert-rules.yaml', content: 'kind: ConfigMap\ndata: { a.yaml: "groups: 7" }\n' },
  ]
  const tree = await editTree(repo, { baseTree: (await treeOf(repo, main)) ?? '', write })
  const author = { name: 'Mallory', email: 'mallory@example.com' }
  const at = new Date().toISOString()
  const commit = await commitTree(repo, { tree, parents: [main], message: 'Quieter', author, at })
  const remote = await whole.platform.ports.gitHost.remote(deliveryRepo)
  await pushRefs(repo, remote, [{ commit, to: 'refs/heads/main', expect: main }])

  const { series, asCode: found } = await readMetrics(whole.platform, await whole.caller('dev'), {
    place,
    minutes: 15,
    points: 10,
  })
  assert.ok(Array.isArray(series))
  assert.match(found?.unavailable ?? '', /alert-rules\.yaml/)
})

function wantedRules() {
  const request = observabilityRequest(whole.platform, { service: 'shop', environment: 'dev', owner: 'team-a' })
  return request ? (alertRules(request).groups[0]?.rules ?? []) : []
}
