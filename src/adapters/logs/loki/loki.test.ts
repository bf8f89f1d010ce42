import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answers, cutsOff, faultyServer } from '../../../../testing/faulty-server.ts'
import { describeProductFaults } from '../../../../testing/product-faults.ts'
import { waitUntil } from '../../../../testing/wait-until.ts'
import { lokiLogs } from './loki.ts'
import { LokiOptions } from './options.ts'

const scope = { service: 'shop', environment: 'dev' }
const oneLine = (text: string) => {
  const stream = { service_name: 'shop', deployment_environment_name: 'dev' }
  const values = [[`${Date.now()}000000`, text]]
  return answers(200, { data: { resultType: 'streams', result: [{ stream, values }] } })
}

describeProductFaults({
  product: 'Loki',
  read: (url, token) => lokiLogs(LokiOptions.parse({ url, token }), { timeoutMs: 3_000 }).query(scope, { limit: 10 }),
})

test('Loki with tenants, asked without one, is told apart from a wrong token only by its live check: both are named', async (t) => {
  const { url } = await faultyServer(t, answers(401, 'no org id'))

  const reading = lokiLogs(LokiOptions.parse({ url })).query(scope, { limit: 10 })

  await assert.rejects(reading, { code: 'PRODUCT_UNAUTHORISED', hint: /^set tenant in fairway\.yaml, or / })
})

test('who follows while Loki is away hears nothing, and is woken by the first answer after it', async (t) => {
  const replies = [oneLine('before'), ...Array.from({ length: 6 }, () => cutsOff), oneLine('after')]
  const { url, asked } = await faultyServer(t, ...replies)
  const logs = lokiLogs(LokiOptions.parse({ url }), { everyMs: 20 })
  t.after(() => logs.close())
  const heard = [0, 0, 0]
  const heardAt: number[] = []
  for (const at of heard.keys())
    logs.onAppend(scope, () => {
      heard[at] = (heard[at] ?? 0) + 1
      heardAt.push(asked.length)
    })

  await waitUntil(() => heard.every((times) => times > 0) || undefined, { what: 'news for all three', ms: 30_000 })

  assert.ok(
    heardAt.every((questions) => questions > 7),
    `heard after ${heardAt.join()} questions`,
  )
  assert.equal(logs.watched, 1)
})
