import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { deliveryRepo } from '#model/names.ts'
import { parseReleaseFile } from '#render/score/release-file.ts'
import { findPackager } from '#render/packaged/find-packager.ts'
import { findSandbox } from '#lib/isolation.ts'
import { listServiceSummaries, readStatus } from '#services/read-services.ts'
import { releaseRunId } from '#services/start-run.ts'
import { type PlatformForTest, platformForTest } from '../../../testing/platform-for-test.ts'

const repo = { owner: 'team-a', name: 'shop' }
const skip = await findPackager('helm')
  .then(() => findPackager('kustomize'))
  .then(
    () => (findSandbox() ? false : 'bubblewrap does not work here'),
    (error: Error) => error.message,
  )

const manifests = (name: string, image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 1
  selector:
    matchLabels: { app.kubernetes.io/name: ${name} }
  template:
    metadata:
      labels: { app.kubernetes.io/name: ${name} }
    spec:
      serviceAccountName: ${name}
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        seccompProfile: { type: RuntimeDefault }
      containers:
        - name: app
          image: ${image}
          ports: [{ containerPort: 8080 }]
          env: [{ name: GREETING, value: from a package }, { name: PORT, value: "8080" }]
          resources:
            requests: { cpu: 50m, memory: 64Mi }
            limits: { cpu: 500m, memory: 128Mi }
          readinessProbe: { httpGet: { path: /, port: 8080 } }
          livenessProbe: { httpGet: { path: /, port: 8080 } }
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name} }
automountServiceAccountToken: false
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec:
  selector: { app.kubernetes.io/name: ${name} }
  ports: [{ port: 80, targetPort: 8080 }]
`

describe('a service beside the default path', { skip }, () => {
  let whole: PlatformForTest
  const teardown: (() => unknown)[] = []
  before(async () => {
    whole = await platformForTest({ after: (end) => void teardown.push(end) })
    await whole.service('shop')
  })
  after(async () => {
    for (const end of teardown.toReversed()) await end()
  })

  test('a chart goes through the same gates into the same folder, runs, and is shown as off the path', async () => {
    const write = {
      'helm/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 0.1.0\n',
      'helm/templates/all.yaml': manifests('{{ .Values.fairway.service }}', '{{ .Values.fairway.image }}'),
    }
    const commit = await whole.push({ repo, by: 'dev', write, remove: ['score.yaml'] })

    await whole.ended(releaseRunId('shop', commit), 'succeeded')

    const { files } = whole.platform.ports.gitHost
    const folder = 'envs/dev/shop'
    assert.deepEqual(await files.list(deliveryRepo, 'main', folder), [
      `${folder}/deployment-shop.yaml`,
      `${folder}/kustomization.yaml`,
      `${folder}/release.yaml`,
      `${folder}/service-account-shop.yaml`,
      `${folder}/service-shop.yaml`,
    ])
    const release = parseReleaseFile((await files.read(deliveryRepo, 'main', `${folder}/release.yaml`)) ?? '')
    assert.deepEqual([release.commit, release.renderer], [commit, 'helm 4.3.1'])
    const { items } = await listServiceSummaries(whole.platform, await whole.caller('dev'), { limit: 10 })
    assert.deepEqual(
      items.map(({ packaging, environments }) => [packaging, environments[0]?.health]),
      [['helm', 'healthy']],
    )
    const caller = await whole.caller('dev')
    assert.equal((await readStatus(whole.platform, caller, 'shop')).packaging, 'helm')
    const beside = await listServiceSummaries(whole.platform, caller, { limit: 10, packaging: 'helm' })
    const usual = await listServiceSummaries(whole.platform, caller, { limit: 10, packaging: 'score' })
    assert.deepEqual([beside.total, usual.total], [1, 0])
  })

  test('a kustomization does the same, and the way back to score.yaml is a commit', async () => {
    const write = {
      'kustomize/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [all.yaml]\n',
      'kustomize/all.yaml': manifests('shop', 'fairway-image'),
    }
    const remove = ['helm/Chart.yaml', 'helm/templates/all.yaml']
    const commit = await whole.push({ repo, by: 'dev', write, remove })

    await whole.ended(releaseRunId('shop', commit), 'succeeded')

    const text = await whole.platform.ports.gitHost.files.read(deliveryRepo, 'main', 'envs/dev/shop/release.yaml')
    assert.equal(parseReleaseFile(text ?? '').renderer, 'kustomize 5.8.1')
  })

  test('a chart that breaks a rule is denied by it, and one that is no chart fails with the program’s words', async () => {
    const whoever = manifests('shop', 'docker.io/library/whatever:latest')
    const denied = await whole.push({ repo, by: 'dev', write: { 'kustomize/all.yaml': whoever } })
    const broken = await whole.push({ repo, by: 'dev', write: { 'kustomize/all.yaml': 'kind: [' } })

    const runs = [
      await whole.ended(releaseRunId('shop', denied), 'failed'),
      await whole.ended(releaseRunId('shop', broken), 'failed'),
    ]

    assert.deepEqual(
      runs.map((run) => run.error?.code),
      ['POLICY_DENIED', 'PACKAGING_INVALID'],
    )
  })

  test('a repository with two packagings is refused with what to remove', async () => {
    const score = 'apiVersion: score.dev/v1b1\nmetadata: { name: shop }\ncontainers: { app: { image: . } }\n'
    const commit = await whole.push({ repo, by: 'dev', write: { 'score.yaml': score } })

    const run = await whole.ended(releaseRunId('shop', commit), 'failed')

    assert.equal(run.error?.code, 'PACKAGING_INVALID')
    assert.match(run.error?.detail ?? '', /score and kustomize/)
  })
})
