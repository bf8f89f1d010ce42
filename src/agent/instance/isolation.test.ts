import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readWorkloadToken } from '#lib/workload-token.ts'
import { otlpSecret, startAgentLab } from '../../../testing/agent/agent-lab.ts'
import { serverProgram } from '../../../testing/agent/images.ts'
import { manifestsFor } from '../../ports/delivery.contract.ts'

const shop = { environment: 'dev', service: 'shop' }

for (const [how, options] of [
  ['with what this machine has', {}],
  ['without a sandbox', { sandbox: false }],
] as const) {
  test(`a workload sees its manifest’s environment and nothing of ours (${how})`, async (t) => {
    const lab = await startAgentLab(t, { ...options, otlpEndpoint: 'http://127.0.0.1:9/otlp' })
    const image = await lab.images.put(serverProgram({ version: '1' }))
    const env = { GREETING: 'hello', PRICE: '$$5', WHO: '$(GREETING) you', METRICS_PORT: '8080' }
    await lab.deploy(shop, manifestsFor(shop, { image, version: '1', replicas: 1, env }))

    const seen = JSON.parse((await lab.get(shop, '/env')).body) as Record<string, string>

    const { OTEL_EXPORTER_OTLP_HEADERS: header = '', ...rest } = seen
    const token = decodeURIComponent(header).replace('Authorization=Bearer ', '')
    assert.deepEqual(readWorkloadToken(otlpSecret, token), { ...shop, owner: 'team-a' })
    const expected = [
      'FAIRWAY_RELEASE',
      'GREETING',
      'HOME',
      'HOST',
      'METRICS_PORT',
      'NODE_ENV',
      'PATH',
      'PORT',
      'PRICE',
      'TMPDIR',
      'WHO',
    ]
    const otel = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_RESOURCE_ATTRIBUTES']
    assert.deepEqual(
      Object.keys(rest)
        .filter((name) => name !== 'PWD')
        .sort(),
      [...expected, ...otel].sort(),
    )
    assert.deepEqual([rest['PRICE'], rest['WHO'], rest['HOST']], ['$5', 'hello you', '127.0.0.1'])
    assert.equal(rest['METRICS_PORT'], rest['PORT'])
    assert.notEqual(rest['PORT'], '8080')
    assert.doesNotMatch(JSON.stringify(seen), /must never reach/)
  })

  test(`a workload writes its own folder, and reads neither the data folder nor another’s (${how})`, async (t) => {
    const lab = await startAgentLab(t, options)
    const bank = { environment: 'dev', service: 'bank' }
    const bankImage = await lab.images.put(serverProgram({ version: '1' }))
    await lab.deploy(bank, manifestsFor(bank, { image: bankImage, version: '1', replicas: 1 }))
    const { HOME: bankHome } = JSON.parse((await lab.get(bank, '/env')).body) as { HOME: string }
    if (process.getuid?.() !== 0 && 'sandbox' in options)
      return t.skip('without root and sandbox nothing separates users')
    const extra = `
  const { readFileSync, writeFileSync, readdirSync } = await import('node:fs')
  const tried = (act) => { try { act(); return 'could' } catch (error) { return error.code } }
  if (request.url === '/try') return response.end(JSON.stringify({
    data: tried(() => readFileSync(${JSON.stringify(lab.data)} + '/agent-source.json')),
    image: tried(() => writeFileSync(new URL('main.mjs', import.meta.url), 'changed')),
    own: tried(() => writeFileSync(process.env.HOME + '/file', 'mine')),
    others: tried(() => readdirSync(${JSON.stringify(bankHome)})),
    uid: process.getuid(),
  }))`
    const program = serverProgram({ version: '1', extra }).replace(
      '(request, response) =>',
      'async (request, response) =>',
    )
    await lab.deploy(shop, manifestsFor(shop, { image: await lab.images.put(program), version: '1', replicas: 1 }))

    const { uid, ...tried } = JSON.parse((await lab.get(shop, '/try')).body)

    assert.equal(tried.own, 'could')
    for (const what of ['data', 'image', 'others']) assert.match(tried[what], /^(EACCES|ENOENT|EROFS|EPERM)$/, what)
    if (process.getuid?.() === 0) assert.notEqual(uid, 0)
  })
}
