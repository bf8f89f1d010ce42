import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { WorkingTreeReport } from '#model/working-tree.ts'
import { type PlatformForTest, platformForTest, refusedWith } from '../../testing/platform-for-test.ts'
import { checkWorkingTree } from './check-working-tree.ts'

let whole: PlatformForTest
const teardown: (() => unknown)[] = []
before(async () => {
  whole = await platformForTest({ after: (end) => void teardown.push(end) })
})
after(async () => {
  for (const end of teardown.toReversed()) await end()
})

const good: Readonly<Record<string, string>> = {
  'catalog-info.yaml': `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: shop }
spec: { type: service, lifecycle: production, owner: 'group:team-a' }
`,
  'score.yaml': `apiVersion: score.dev/v1b1
metadata: { name: shop }
service: { ports: { www: { port: 80, targetPort: 8080 } } }
containers:
  app:
    image: .
    livenessProbe: { httpGet: { path: /, port: 8080 } }
    readinessProbe: { httpGet: { path: /, port: 8080 } }
    resources: { requests: { cpu: 50m, memory: 64Mi }, limits: { cpu: 500m, memory: 128Mi } }
`,
  '.fairway/pipeline.yaml': `apiVersion: fairway.dev/v1
kind: Pipeline
spec:
  node: '24'
  steps: [{ name: build, run: [node, build.js] }]
  output: { folder: out, entry: [server.js] }
`,
}

test('a good working tree is allowed in every environment, in the words of the change gate', async () => {
  const report = await checked({})

  assert.equal(report.ok, true, JSON.stringify(report))
  assert.deepEqual(
    report.environments.map(({ name }) => name),
    ['dev', 'staging', 'production'],
  )
  for (const { says } of report.environments) assert.match(says, /^\d+ rules allow it/)
  assert.match(report.environments.at(-1)?.approval ?? '', /^needs an approval by a member of team-a/)
  assert.match(report.notes.join(), /not judged here/)
})

test('what a rule denies is said with the finding and its fix, per environment', async () => {
  const report = await checked({
    'score.yaml': (good['score.yaml'] ?? '').replace('image: .', 'image: docker.io/library/x:latest'),
  })

  assert.equal(report.ok, false)
  for (const environment of report.environments) {
    assert.match(environment.says, /^POLICY_DENIED: /)
    assert.ok(environment.findings.some(({ severity, fix }) => severity === 'deny' && fix !== ''))
  }
})

test('each broken file is named, and no environment is asked about it', async () => {
  const report = await checked({
    'catalog-info.yaml': (good['catalog-info.yaml'] ?? '').replace('lifecycle: production, ', ''),
    'score.yaml': 'containers: {}\n',
    '.fairway/pipeline.yaml': 'kind: Pipeline\n',
  })

  assert.equal(report.ok, false)
  assert.deepEqual(
    [...new Set(report.problems.map(({ file }) => file))],
    ['catalog-info.yaml', '.fairway/pipeline.yaml', 'score.yaml'],
  )
  assert.deepEqual(report.environments, [])
})

test('only the environment whose own file is wrong refuses it, and a file of no environment is said to be read by nothing', async () => {
  const report = await checked({
    '.fairway/environments/staging.yaml': 'replicas: many\n',
    '.fairway/environments/moon.yaml': 'replicas: 2\n',
  })

  assert.deepEqual(
    report.environments.map(({ name, ok }) => [name, ok]),
    [
      ['dev', true],
      ['staging', false],
      ['production', true],
    ],
  )
  assert.match(report.environments[1]?.problems[0]?.path ?? '', /replicas/)
  assert.match(report.notes[0] ?? '', /^\.fairway\/environments\/moon\.yaml is read by nothing/)
})

test('a secret that nobody has set is said before a commit, with the command', async () => {
  const score = `${good['score.yaml']}    variables: { PASSWORD: '\${resources.db.password}' }
resources:
  db: { type: secret }
`
  const report = await checked({ 'score.yaml': score })

  assert.match(report.environments[0]?.says ?? '', /^SECRET_MISSING: shop asks for db\.password in dev/)
  assert.match(
    report.environments[0]?.problems[0]?.hint ?? '',
    /^fairway secret set db\.password --service shop --env dev$/,
  )
})

test('who may not propose changes for the owning team is refused', async () => {
  const files = Object.entries(good).map(([path, content]) => ({ path, content: content.replace('team-a', 'team-b') }))
  const asked = { service: 'shop', files, signal: AbortSignal.timeout(20_000) }

  await refusedWith('NOT_ALLOWED', checkWorkingTree(whole.platform, await whole.caller('dev'), asked))
})

async function checked(change: Readonly<Record<string, string>>): Promise<WorkingTreeReport> {
  const files = Object.entries({ ...good, ...change }).map(([path, content]) => ({ path, content }))
  const asked = { service: 'shop', files, signal: AbortSignal.timeout(20_000) }
  return checkWorkingTree(whole.platform, await whole.caller('dev'), asked)
}
