import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { filesOf, parseScore } from './parse-score.ts'

const shop = readFileSync(fileURLToPath(new URL('fixtures/score.yaml', import.meta.url)), 'utf8')

test('a whole workload is read: containers, files, ports, probes, resources', () => {
  const score = parseScore(shop)

  assert.deepEqual(Object.keys(score.containers), ['main', 'proxy'])
  assert.equal(score.service?.ports['http']?.targetPort, 8080)
  assert.equal(score.resources['database']?.type, 'secret')
})

test('files may be a map or, in the older form, a list', () => {
  const list = `- target: /etc/shop/settings.yaml\n        content: text`
  const older = parseScore(shop.replace(/\/etc\/shop\/settings\.yaml:[^]*?resources:/, `${list}\n    resources:`))

  const container = older.containers['main']
  assert.ok(container)
  assert.deepEqual(
    filesOf(container).map(({ target, file }) => [target, file.content]),
    [['/etc/shop/settings.yaml', 'text']],
  )
})

const faults: readonly (readonly [title: string, from: string, to: string, message: RegExp])[] = [
  ['another version', 'v1b1', 'v1', /line 1, apiVersion/],
  ['an unknown field', '    image: .', '    image: .\n    privileged: true', /line 14, containers\.main\.privileged/],
  ['a port out of range', 'port: 80\n', 'port: 70000\n', /line 9, service\.ports\.http\.port/],
  ['a missing image', '    image: .\n', '', /line 12, containers\.main\.image/],
  [
    'a resource type Fairway lacks',
    'type: secret',
    'type: postgres',
    /resources\.database\.type: Fairway has no resource type postgres; it supports service and secret/,
  ],
  ['a volume', '    image: .', '    image: .\n    volumes: []', /volumes: no resource type of Fairway gives a volume/],
  [
    'a file from the repository',
    '        mode: "0440"\n',
    '        source: a.txt\n',
    /source: Fairway renders without the repository/,
  ],
  ['a mount that wanders', '/etc/shop/settings.yaml', '/etc/../root/x', /without \.\. and colon/],
  [
    'a placeholder nothing resolves',
    '${metadata.name}\n      STOCK',
    '${metadata.nope}\n      STOCK',
    /line 16, containers\.main\.variables\.GREETING: \$\{metadata\.nope\}/,
  ],
  ['a placeholder of another root', 'hello from ${metadata.name}', '${env.HOME}', /begins with metadata or resources/],
  [
    'an output a service lacks',
    'resources.stock.url',
    'resources.stock.password',
    /a service gives url, host, port, name/,
  ],
  ['an unknown resource', 'resources.stock.url', 'resources.stocks.url', /no resource named stocks/],
  [
    'a resource named like a property of objects',
    'resources.stock.url',
    'resources.constructor.name',
    /no resource named constructor/,
  ],
  [
    'a secret with text around it',
    '${resources.database.password}',
    'x${resources.database.password}',
    /without text around it/,
  ],
  [
    'a secret inside the text of a file',
    'stock: ${resources.stock.host}',
    'stock: ${resources.database.password}',
    /line \d+, containers\.main\.files.*a secret must be the whole variable or file/,
  ],
  ["a variable that is the platform's", 'GREETING:', 'FAIRWAY_SERVICE:', /FAIRWAY_… is the platform’s/],
  [
    'an annotation that commands a controller',
    'example.com/runbook',
    'argocd.argoproj.io/hook',
    /annotations with this prefix/,
  ],
  ['a foreign team that is no name', 'owner: team-b', 'owner: ../team-b', /line \d+, resources\.stock\.params\.owner/],
  ['an empty probe', 'httpGet: { path: /livez, port: 8080 }', '{}', /a probe needs httpGet or exec/],
  [
    'no container',
    /containers:[^]*?\nresources:/.exec(shop)?.[0] ?? '',
    'containers: {}\nresources:',
    /at least one container/,
  ],
]

for (const [title, from, to, message] of faults) {
  test(`${title} is refused with line and field`, () => {
    assert.ok(from !== '' && shop.includes(from))
    assert.throws(() => parseScore(shop.replace(from, () => to)), { code: 'SCORE_INVALID', message })
  })
}

test('the older form cannot name a file twice, and no file lies below another', () => {
  const twice = (second: string) =>
    shop.replace('      /etc/shop/settings.yaml:', `      ${second}: {content: x}\n      /etc/shop/settings.yaml:`)

  for (const second of ['/etc/shop', '/etc/shop/settings.yaml/x']) {
    assert.throws(() => parseScore(twice(second)), { code: 'SCORE_INVALID', message: /another file has this path/ })
  }
})
