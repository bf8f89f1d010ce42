import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseServiceEnvironment } from './parse-service-environment.ts'

test('an absent or empty file changes nothing', () => {
  for (const text of [undefined, '', '# nothing yet\n']) {
    const { replicas, variables, hosts } = parseServiceEnvironment(text)
    assert.deepEqual([replicas, variables, hosts], [undefined, {}, []])
  }
})

test('what differs is read', () => {
  const file = parseServiceEnvironment(
    'replicas: 3\nresources: {limits: {cpu: 500m, memory: 1Gi}}\nvariables: {LOG: debug}\n',
  )

  assert.deepEqual([file.replicas, file.resources?.limits?.memory, file.variables], [3, '1Gi', { LOG: 'debug' }])
})

const faults: readonly (readonly [title: string, text: string, message: RegExp])[] = [
  ['an unknown field', '# x\nreplica: 3\n', /dev\.yaml line 2, replica: this field is not known/],
  ['no replica', 'replicas: 0\n', /line 1, replicas/],
  ['a variable that is the platform’s', 'variables: {FAIRWAY_SERVICE: x}\n', /FAIRWAY_SERVICE/],
  ['a host with a path', 'hosts: [a.b/c]\n', /line 1, hosts\.0: this is not a host name/],
  ['an amount that is none', 'resources: {limits: {cpu: lots, memory: 1Gi}}\n', /resources\.limits\.cpu/],
]

for (const [title, text, message] of faults) {
  test(`${title} is refused with line and field`, () => {
    assert.throws(() => parseServiceEnvironment(text, 'dev.yaml'), { code: 'SETTINGS_INVALID', message })
  })
}
