import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { engines } from '../build/engines.ts'
import { moduleFolder } from '../build/go-engine.ts'
import { answers } from '../run/answers.ts'
import { certificate, certificateAuthority } from '../run/certificates.ts'
import type { LabEngine } from '../run/engine.ts'
import type { LabPlace } from '../run/lab-place.ts'
import { kubectl, kubectlUntil } from './kubernetes.ts'

const port = { webhook: 29543, health: 29544, metrics: 29545 }
const namespace = 'gatekeeper-system'
/** Gatekeeper's own webhook, as its installation calls it. */
const webhook = 'gatekeeper-validating-webhook-configuration'

/** Gatekeeper as a host process beside the lab's cluster: webhook, audit and status in one. */
export const gatekeeper: LabEngine = {
  name: 'gatekeeper',
  binaries: ['gatekeeper', 'kubectl'],
  packages: ['openssl'],
  needs: ['kubernetes'],
  async start(lab) {
    const config = (await lab.facts('kubernetes'))?.['kubeconfig']
    if (!config) throw new Error('the lab has no kubernetes')
    const state = await lab.state('gatekeeper')
    await applyDefinitions(lab, { state, config })
    await certificateAuthority(state)
    await certificate(state, {
      name: 'tls',
      commonName: 'gatekeeper',
      names: ['IP:127.0.0.1', 'DNS:localhost', 'DNS:gatekeeper-webhook-service.gatekeeper-system.svc'],
    })
    await lab.start({
      name: 'gatekeeper',
      argv: await argvOf(lab, state, config),
      env: { POD_NAME: 'no-pod', POD_NAMESPACE: namespace, NAMESPACE: namespace, CONTAINER_NAME: 'manager' },
      ready: () => answers(`http://127.0.0.1:${port.health}/readyz`),
    })
    await openDoor(lab, { state, config })
    await lab.writeFacts('gatekeeper', { kubeconfig: config, namespace, webhook })
  },
}

/** Its kinds, from the module that the binary was built of. */
async function applyDefinitions(lab: LabPlace, { state, config }: { state: string; config: string }): Promise<void> {
  const engine = engines.find(({ name }) => name === 'gatekeeper')
  if (!engine) throw new Error('lab/build/engines.ts has no gatekeeper')
  const module = await moduleFolder(engine, { work: join(state, 'module'), log: join(state, 'module.log') })
  const crds = join(module, 'charts', 'gatekeeper', 'crds')
  await kubectl(lab, { config, argv: ['apply', '--server-side', '-f', crds] })
  const place = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
  await kubectl(lab, { config, argv: ['apply', '--server-side', '-f', '-'], input: JSON.stringify(place) })
  const established = ['wait', '--for=condition=Established', 'crd/constrainttemplates.templates.gatekeeper.sh']
  await kubectlUntil(lab, { config, argv: [...established, '--timeout=30s'] })
}

async function argvOf(lab: LabPlace, state: string, config: string): Promise<[string, ...string[]]> {
  const cache = join(state, 'api-cache')
  await mkdir(cache, { recursive: true }) // without it every audit fails, and only a log line tells
  return [
    lab.bin('gatekeeper'),
    '--kubeconfig',
    config,
    '--debug-use-fake-pod',
    '--disable-cert-rotation',
    `--cert-dir=${state}`,
    '--host=127.0.0.1',
    `--port=${port.webhook}`,
    `--health-addr=127.0.0.1:${port.health}`,
    `--prometheus-port=${port.metrics}`,
    `--api-cache-dir=${cache}`,
    '--audit-interval=10',
    '--log-denies',
    '--enable-mutation=false',
    ...['webhook', 'audit', 'status', 'generate'].map((operation) => `--operation=${operation}`),
    `--exempt-namespace=${namespace}`,
    '--disable-opa-builtin={http.send}',
  ]
}

/** The cluster asks it about namespaces of the platform only, and admits nothing there while it does not answer. */
async function openDoor(lab: LabPlace, { state, config }: { state: string; config: string }): Promise<void> {
  const rule = (apiGroups: string[], apiVersions: string[], resources: string[]) => ({
    apiGroups,
    apiVersions,
    resources,
    operations: ['CREATE', 'UPDATE'],
    scope: 'Namespaced',
  })
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: webhook },
    webhooks: [
      {
        name: 'validation.gatekeeper.sh',
        admissionReviewVersions: ['v1'],
        clientConfig: {
          url: `https://127.0.0.1:${port.webhook}/v1/admit`,
          caBundle: (await readFile(join(state, 'ca.crt'))).toString('base64'),
        },
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        namespaceSelector: { matchExpressions: [{ key: 'fairway.dev/environment', operator: 'Exists' }] },
        rules: [
          rule(
            [''],
            ['v1'],
            ['pods', 'pods/ephemeralcontainers', 'replicationcontrollers', 'services', 'configmaps', 'serviceaccounts'],
          ),
          rule(['apps'], ['*'], ['deployments', 'replicasets', 'statefulsets', 'daemonsets']),
          rule(['batch'], ['*'], ['jobs', 'cronjobs']),
          rule(['networking.k8s.io'], ['*'], ['networkpolicies']),
          rule(['policy'], ['*'], ['poddisruptionbudgets']),
        ],
        sideEffects: 'None',
        timeoutSeconds: 3,
      },
    ],
  }
  const input = JSON.stringify(configuration)
  await kubectl(lab, { config, argv: ['apply', '--server-side', '--force-conflicts', '-f', '-'], input })
}
