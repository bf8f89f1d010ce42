import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgedKinds } from '#render/admission/render-admission.ts'
import { doorProblems } from './door-problems.ts'
import { excludedNamespaces } from './excluded-namespaces.ts'

type Webhook = Record<string, unknown>

const whole: Webhook = {
  name: 'validation.gatekeeper.sh',
  failurePolicy: 'Fail',
  rules: [
    {
      apiGroups: ['*'],
      apiVersions: ['*'],
      resources: ['*', 'pods/ephemeralcontainers'],
      operations: ['CREATE', 'UPDATE'],
    },
  ],
  namespaceSelector: { matchExpressions: [{ key: 'admission.gatekeeper.sh/ignore', operator: 'DoesNotExist' }] },
}
const namespaces = [{ name: 'team-a-dev', labels: { 'fairway.dev/environment': 'dev' } }]
const kinds = judgedKinds.flatMap(({ apiGroups, kinds: names }) =>
  apiGroups.flatMap((group) => names.map((kind) => ({ group, kind }))),
)

function problemsOf(change: Webhook, labels = namespaces[0]?.labels ?? {}): string[] {
  const configuration = { apiVersion: 'v1', kind: 'X', metadata: { name: 'w' }, webhooks: [{ ...whole, ...change }] }
  const places = [{ name: 'team-a-dev', labels }]
  return doorProblems({ name: 'w', configuration, namespaces: places, kinds }).map(({ what }) => what)
}

test('the webhook of Gatekeeper’s own chart, failing closed, has no problem', () => {
  assert.deepEqual(problemsOf({}), [])
})

for (const [what, change, expected] of [
  ['that lets pass when it is down', { failurePolicy: 'Ignore' }, /failurePolicy is Ignore: everything passes/],
  ['that says nothing of failures', { failurePolicy: undefined }, /not set/],
  ['without rules', { rules: [] }, /CREATE pods, UPDATE pods/],
  [
    'for pods only',
    { rules: [{ apiGroups: [''], resources: ['pods'], operations: ['*'] }] },
    /CREATE deployments\.apps/,
  ],
  [
    'for creation only',
    { rules: [{ apiGroups: ['*'], resources: ['*/*'], operations: ['CREATE'] }] },
    /asked about UPDATE pods/,
  ],
  [
    'that leaves containers added to a running pod out',
    { rules: [{ apiGroups: ['*'], resources: ['*'], operations: ['*'] }] },
    /^the webhook is not asked about UPDATE pods\/ephemeralcontainers$/,
  ],
  [
    'for what has no namespace',
    { rules: [{ apiGroups: ['*'], resources: ['*', '*/*'], operations: ['*'], scope: 'Cluster' }] },
    /not asked about CREATE pods/,
  ],
  ['with an object selector', { objectSelector: { matchLabels: { asked: 'yes' } } }, /chooses by its labels/],
  ['with conditions', { matchConditions: [{ name: 'a', expression: 'false' }] }, /not every request/],
  [
    'for other namespaces',
    { namespaceSelector: { matchLabels: { a: 'b' } } },
    /does not look at the namespace team-a-dev/,
  ],
  [
    'with a selector of an unknown operator',
    { namespaceSelector: { matchExpressions: [{ key: 'fairway.dev/environment', operator: 'Near' }] } },
    /does not look at/,
  ],
  ['of another name', { name: 'other.gatekeeper.sh' }, /no webhook validation/],
] as const)
  test(`a webhook ${what} is a problem`, () => {
    const problems = problemsOf(change)

    assert.equal(problems.length, 1, problems.join('\n'))
    assert.match(problems[0] ?? '', expected)
  })

test('a namespace that carries the label which the selector leaves out is named', () => {
  const labels = { 'fairway.dev/environment': 'dev', 'admission.gatekeeper.sh/ignore': 'yes' }

  assert.deepEqual(problemsOf({}, labels), ['the webhook does not look at the namespace team-a-dev'])
})

test('no webhook, and one that cannot be read, are problems and no pass', () => {
  for (const configuration of [undefined, { apiVersion: 'v1', kind: 'X', metadata: { name: 'w' }, webhooks: 'none' }])
    assert.equal(doorProblems({ name: 'w', configuration, namespaces, kinds }).length, 1)
})

test('a namespace that Gatekeeper’s own Config excludes is named, by name or by star', () => {
  const config = (excluded: string[], processes: string[]) => ({
    apiVersion: 'config.gatekeeper.sh/v1alpha1',
    kind: 'Config',
    metadata: { name: 'config' },
    spec: { match: [{ excludedNamespaces: excluded, processes }] },
  })

  for (const pattern of ['team-a-dev', 'team-*', '*-dev'])
    assert.equal(excludedNamespaces(config([pattern], ['*']), namespaces).length, 1, pattern)
  assert.deepEqual(excludedNamespaces(config(['team-b-dev', 'kube-*'], ['*']), namespaces), [])
  assert.deepEqual(excludedNamespaces(config(['*-dev'], ['audit']), namespaces), [])
  assert.deepEqual(excludedNamespaces(undefined, namespaces), [])
})
