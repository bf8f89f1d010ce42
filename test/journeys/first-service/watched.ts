import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { parse } from 'yaml'
import { dashboardUid } from '#lib/promql/dashboard-uid.ts'
import type { MetricsAsCode } from '#model/signals.ts'
import { labFacts } from '../../../testing/lab.ts'
import { loadRules } from '../../../testing/load-rules.ts'
import { chapter, type Story } from './story.ts'

const place = { service: 'shop', environment: 'dev' }

/** Where the operator asked for them: what watches the shop lies in the cluster, is taken by its tool, and is led to. */
export async function watched(t: TestContext, { cli, runtime }: Story): Promise<void> {
  const { configMapsWith } = runtime
  if (!configMapsWith) return
  await chapter(
    t,
    'a dashboard and alert rules lie in the cluster where their tools look, and the service leads to them',
    async () => {
      const asked = await cli('metrics', 'shop', '--env', 'dev', '--json')
      assert.equal(asked.exit, 0, asked.stderr)
      const { asCode } = asked.json<{ asCode?: MetricsAsCode }>()

      const [board] = await configMapsWith('grafana_dashboard', place)
      const uid = dashboardUid(place)
      assert.equal((JSON.parse(board?.['dev-shop.json'] ?? '{}') as { uid?: string }).uid, uid)
      assert.equal(asCode?.dashboard?.url, `https://grafana.example.com/d/${uid}`)

      assert.ok((await cli('metrics', 'shop', '--env', 'dev')).stderr.includes(`Grafana: ${asCode.dashboard.url}`))

      const [files] = await configMapsWith('prometheus_rule', place)
      const text = files?.['dev-shop.rules.yaml'] ?? ''
      const { groups } = parse(text) as { groups: { rules: { alert: string; expr: string }[] }[] }
      assert.deepEqual(
        asCode?.alerts?.map(({ name, expression }) => [name, expression]),
        groups[0]?.rules.map(({ alert, expr }) => [alert, expr]),
      )
      const { facts } = await labFacts('prometheus')
      // The shop runs and reports: of all alerts the one about silence must not be on its way.
      const loaded = await loadRules(t, facts, {
        name: 'journey-dev-shop',
        text,
        group: 'fairway/dev/shop',
        until: (rules) => rules.some(({ name, state }) => name === 'FairwaySilent' && state === 'inactive'),
      })
      assert.deepEqual(
        loaded.map(({ name, health, lastError }) => [name, health, lastError]),
        asCode?.alerts?.map(({ name }) => [name, 'ok', undefined]),
      )
    },
  )
}
