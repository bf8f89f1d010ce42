import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test, type TestContext } from 'node:test'
import { cluster } from '#lib/kubernetes/cluster.ts'
import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import { type AdmissionUnderTest, describeAdmission } from '#ports/admission.contract.ts'
import { clusterGate } from '../../../../testing/kubernetes/cluster-gate.ts'
import { accountWith } from '../../../../testing/kubernetes/account.ts'
import { oneRule } from '../../../../testing/kubernetes/one-rule.ts'
import { labFacts } from '../../../../testing/lab.ts'
import { waitUntil } from '../../../../testing/wait-until.ts'
import { checkConnection } from './check-connection.ts'
import { gatekeeper } from './gatekeeper.ts'
import { GatekeeperOptions } from './options.ts'

const lab = await labFacts('gatekeeper')

describe('gatekeeper', { skip: lab.skip }, () => {
  const kubeconfig = lab.facts['kubeconfig'] ?? ''
  const api = cluster({ kubeconfig })
  const soon = () => AbortSignal.timeout(20_000)

  describeAdmission('gatekeeper', (t) => doorOf(t))

  test('an object that breaks the rule is denied at the door with the words of the rule', async (t) => {
    const { door, environment, rule } = await doorOf(t)
    await door?.enact()
    await enforced(rule.application as KubernetesObject)

    await refused(environment, /lacks the label contract/)
    await api.apply(configMap(environment, { contract: 'kept' }), { dryRun: true }, soon())
  })

  test('nothing is admitted while nobody answers at the door', async (t) => {
    const { environment } = await doorOf(t)
    const { kind, apiVersion } = webhookRef
    const dead = { ...(await webhook()), metadata: { name: `fairway-${environment}` } }
    const [first] = dead.webhooks as [Record<string, unknown>]
    const clientConfig = { ...(first['clientConfig'] as object), url: 'https://127.0.0.1:9/v1/admit' }
    const namespaceSelector = { matchLabels: { 'fairway.dev/environment': environment } }
    t.after(() => api.delete({ kind, apiVersion, name: `fairway-${environment}` }, soon()))
    await api.apply({ ...dead, webhooks: [{ ...first, clientConfig, namespaceSelector }] }, {}, soon())

    await refused(environment, /failed calling webhook/)
  })

  test('an account that may read nothing is told each permission that it lacks', async (t) => {
    const { environment } = await doorOf(t)
    const namespace = `team-a-${environment}`
    const token = await accountWith(t, api, { namespace, name: 'reader', rules: [] })
    const options = GatekeeperOptions.parse({ kubeconfig: (await clusterGate(t, kubeconfig, { token })).kubeconfig })

    const checks = await checkConnection(options)

    assert.deepEqual(
      checks.map(({ state }) => state),
      ['ok', 'missing', 'missing', 'missing', 'missing', 'missing'],
    )
    assert.match(
      checks.map(({ hint }) => hint).join(),
      /grant get and list on constrainttemplates\.templates\.gatekeeper\.sh/,
    )
    const allowed = await checkConnection(GatekeeperOptions.parse({ kubeconfig }))
    assert.deepEqual(new Set(allowed.map(({ state }) => state)), new Set(['ok']))
  })

  test('a webhook that the cluster does not have is a problem of the connection, by its name', async () => {
    const checks = await checkConnection(GatekeeperOptions.parse({ kubeconfig, webhook: 'nobody' }))

    assert.deepEqual(
      checks.filter(({ state }) => state !== 'ok').map(({ check, state }) => [check, state]),
      [['webhook', 'problem']],
    )
    assert.match(checks.at(-1)?.found ?? '', /no ValidatingWebhookConfiguration nobody/)
  })

  async function refused(environment: string, words: RegExp): Promise<void> {
    const answer = () => api.apply(configMap(environment), { dryRun: true }, soon())
    await waitUntil(
      () =>
        answer().then(
          () => false,
          (error: Error) => words.test(error.message),
        ),
      { what: `a refusal with ${words}` },
    )
  }

  const webhookRef = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    name: lab.facts['webhook'] ?? '',
  }

  async function webhook(): Promise<KubernetesObject & { webhooks: Record<string, unknown>[] }> {
    const found = await api.get(webhookRef, soon())
    assert.ok(found)
    const webhooks = found['webhooks'] as Record<string, unknown>[]
    return { apiVersion: found.apiVersion, kind: found.kind, metadata: { name: found.metadata.name }, webhooks }
  }

  async function enforced({ apiVersion, kind, metadata: { name } }: KubernetesObject): Promise<void> {
    await waitUntil(
      async () => JSON.stringify(await api.get({ apiVersion, kind, name }, soon())).includes('"enforced":true'),
      { what: 'Gatekeeper to take the rule up', ms: 30_000 },
    )
  }

  async function doorOf(t: TestContext): Promise<AdmissionUnderTest> {
    const environment = `gk${randomBytes(4).toString('hex')}`
    const rule = oneRule(`contract-${environment}`, environment)
    const [definition, application] = [rule.definition, rule.application] as [KubernetesObject, KubernetesObject]
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: `team-a-${environment}`, labels: { 'fairway.dev/environment': environment } },
    }
    await api.apply(namespace, {}, soon())
    t.after(async () => {
      for (const object of [application, definition, namespace])
        await api.delete({ apiVersion: object.apiVersion, kind: object.kind, name: object.metadata.name }, soon())
    })
    const apply = async (object: KubernetesObject) => {
      await waitUntil(() => api.apply(object, { force: true }, soon()), { what: 'the object to be taken', ms: 20_000 })
    }
    return {
      admission: gatekeeper(GatekeeperOptions.parse({ kubeconfig })),
      environment,
      rule,
      door: {
        async enact() {
          await apply(definition)
          await apply(application)
        },
        weaken: () =>
          apply({ ...application, spec: { ...(application['spec'] as object), enforcementAction: 'dryrun' } }),
        async plant() {
          await api.apply(configMap(environment), {}, soon())
          return `ConfigMap team-a-${environment}/planted`
        },
        async careless() {
          const name = `fairway-${environment}`
          const [first] = (await webhook()).webhooks
          const { kind, apiVersion } = webhookRef
          t.after(() => api.delete({ kind, apiVersion, name }, soon()))
          const webhooks = [{ ...first, failurePolicy: 'Ignore' }]
          await api.apply({ apiVersion, kind, metadata: { name }, webhooks }, {}, soon())
          return gatekeeper(GatekeeperOptions.parse({ kubeconfig, webhook: name }))
        },
        async unreachable() {
          const gate = await clusterGate(t, kubeconfig)
          gate.close()
          return gatekeeper(GatekeeperOptions.parse({ kubeconfig: gate.kubeconfig }))
        },
      },
    }
  }

  function configMap(environment: string, labels: Record<string, string> = {}): KubernetesObject {
    return {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'planted', namespace: `team-a-${environment}`, labels },
    }
  }
})
