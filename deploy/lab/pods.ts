import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { argoCd } from '#adapters/delivery/argo-cd/argo-cd.ts'
import { ArgoCdOptions } from '#adapters/delivery/argo-cd/options.ts'
import { labNetwork } from '../../lab/run/place-names.ts'
import { openLab } from '../../lab/run/lab-place.ts'
import { labFacts } from '../../testing/lab.ts'
import { type Hooks, lastFirst } from '../../testing/last-first.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import type { World } from './world.ts'

const run = promisify(execFile)
const namespace = 'fairway'
const deploy = join(import.meta.dirname, '..')

/** Fairway in the lab's cluster, from the manifests that ship. */
export interface Pods {
  /** Names of the pods that are ready and not ending. */
  ready(): Promise<readonly string[]>
  /** The pod's own loopback, as `kubectl port-forward` gives it. */
  open(pod: string): Promise<string>
  kill(pod: string): Promise<void>
  /** Upgrades to another image, one replica after the other; resolves when the last old pod has ended. */
  upgrade(image: string): Promise<void>
  /** Resident memory of the control plane in the pod, in MiB. */
  memory(pod: string): Promise<number>
  /** The Service, as other machines reach it. */
  readonly service: string
}

/** Applies the base with the component for Argo CD, secrets and settings of this world; waits until both replicas are ready. */
export async function startPods(t: Hooks, world: World, image: string): Promise<Pods> {
  const after = lastFirst(t)
  const kubectl = await openKubectl()
  const clear = () => kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=true', '--timeout=120s')
  await clear()
  const overlay = await writeOverlay({ after }, world, image)
  after(async () => {
    await kubectl('delete', '-k', overlay, '--ignore-not-found', '--wait=false')
    await clear()
  })
  await kubectl('create', 'namespace', namespace)
  await kubectl('apply', '-k', overlay)
  await bootstrap(world)
  const rolledOut = () => kubectl('rollout', 'status', 'deployment/fairway', '-n', namespace, '--timeout=300s')
  await rolledOut()
  const list = async () =>
    (JSON.parse(await kubectl('get', 'pods', '-n', namespace, '-o', 'json')) as { items: Pod[] }).items
  const address = await kubectl('get', 'service', 'fairway', '-n', namespace, '-o', 'jsonpath={.spec.clusterIP}')
  return {
    service: `http://${address}:7008`,
    ready: async () => (await list()).filter(isReady).map(({ metadata }) => metadata.name),
    open: (pod) => portForward({ after }, pod),
    kill: async (pod) => void (await kubectl('delete', 'pod', pod, '-n', namespace, '--grace-period=0', '--force')),
    async upgrade(next) {
      await kubectl('set', 'image', 'deployment/fairway', `fairway=${next}`, '-n', namespace)
      await rolledOut()
      const isOver = async () => (await list()).every((pod) => imageOf(pod) === next)
      await waitUntil(isOver, { what: 'the old pods to end', ms: 180_000, everyMs: 500 })
    },
    async memory(pod) {
      const program = "console.log(/VmRSS:\\s+(\\d+)/.exec(require('fs').readFileSync('/proc/1/status','utf8'))[1])"
      const said = await kubectl('exec', pod, '-n', namespace, '-c', 'fairway', '--', 'node', '-e', program)
      return Math.round(Number(said) / 1024)
    },
  }
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
  readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] }
  readonly status: { readonly conditions?: readonly { type: string; status: string }[] }
}

function isReady({ metadata, status }: Pod): boolean {
  const ready = status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True')
  return Boolean(ready) && metadata.deletionTimestamp === undefined
}

const imageOf = ({ spec }: Pod) => spec.containers.find(({ name }) => name === 'fairway')?.image

async function openKubectl() {
  const { facts } = await labFacts('kubernetes')
  const program = openLab(() => {}).bin('kubectl')
  return async (...argv: string[]): Promise<string> => {
    const { stdout } = await run(program, ['--kubeconfig', facts['kubeconfig'] ?? '', ...argv], {
      maxBuffer: 16_000_000,
    })
    return stdout.trim()
  }
}

/** As an operator does it, with rights that the pods do not have. */
async function bootstrap({ environment, giteaUrl, credentials }: World): Promise<void> {
  const argo = (await labFacts('argo-cd')).facts
  const options = ArgoCdOptions.parse({
    kubeconfig: argo['kubeconfig'],
    namespace: argo['namespace'],
    repository: `${giteaUrl}/fairway/delivery.git`,
    repositoryCredential: { username: 'fairway-bot', password: { fromFile: credentials['gitea-token'] } },
  })
  await argoCd(options, { commits: undefined as never }).bootstrap?.(
    environment,
    { dryRun: false },
    AbortSignal.timeout(60_000),
  )
}

async function writeOverlay(t: Hooks, world: World, image: string): Promise<string> {
  const folder = join(world.folder, 'overlay')
  await mkdir(folder, { recursive: true })
  const gitea = new URL(world.giteaUrl)
  const giteaPort = await reachable(t, Number(gitea.port))
  const database = new URL(world.databaseUrl)
  database.port = String(await reachable(t, Number(database.port)))
  database.hostname = labNetwork.host
  const from = (name: string) => `/etc/fairway/credentials/${name}`
  const settings = world.settings({ credential: from, hookUrl: `http://${hookAddress}:7008` })
  await writeFile(join(folder, 'fairway.yaml'), settings)
  const [newName, digest] = image.split('@')
  const secret = (name: string, files: readonly string[]) => ({
    name,
    namespace,
    files,
  })
  const near = (path: string) => relative(folder, path)
  const keys = ['audit-key', 'image-key', 'login-key', 'otlp-secret', 'vault-key'].map((name) => `${name}=keys/${name}`)
  const files = Object.keys(world.credentials).map((name) => `${name}=credentials/${name}`)
  await copyInto(join(folder, 'keys'), world.keys, ['audit-key', 'image-key', 'login-key', 'otlp-secret', 'vault-key'])
  await mkdir(join(folder, 'credentials'))
  for (const [name, path] of Object.entries(world.credentials))
    await run('cp', ['--', path, join(folder, 'credentials', name)])
  await writeFile(join(folder, 'database-url'), database.href, { mode: 0o600 })
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [near(join(deploy, 'base'))],
    components: [near(join(deploy, 'argo-cd'))],
    configMapGenerator: [{ name: 'fairway-settings', namespace, files: ['fairway.yaml'] }],
    secretGenerator: [
      secret('fairway-keys', keys),
      secret('fairway-credentials', files),
      secret('fairway-database', ['url=database-url']),
    ],
    images: [{ name: 'fairway', newName, digest }],
    patches: [
      { path: 'beside.yaml', target: { kind: 'Deployment', name: 'fairway' } },
      {
        target: { kind: 'Service', name: 'fairway' },
        patch: JSON.stringify([{ op: 'add', path: '/spec/clusterIP', value: hookAddress }]),
      },
    ],
  }
  await writeFile(
    join(folder, 'beside.yaml'),
    JSON.stringify(beside({ image, listen: Number(gitea.port), port: giteaPort })),
  )
  await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization))
  return folder
}

/** An address of the cluster's range for the Service, so that the settings can name it before it is there. */
const hookAddress = '10.97.77.8'

async function copyInto(folder: string, from: string, names: readonly string[]): Promise<void> {
  await mkdir(folder)
  for (const name of names) await run('cp', ['--', join(from, name), join(folder, name)])
}

/** The lab's Gitea speaks http, which the adapter takes on loopback only: a way from the pod's loopback to it. */
function beside({ image, listen, port }: { image: string; listen: number; port: number }) {
  const program = `require('net').createServer((a)=>{const b=require('net').connect(${port},'${labNetwork.host}');a.pipe(b).pipe(a);a.on('error',()=>b.destroy());b.on('error',()=>a.destroy())}).listen(${listen},'127.0.0.1');process.on('SIGTERM',()=>setTimeout(()=>process.exit(0),20000))`
  const container = {
    name: 'way-to-gitea',
    image,
    args: ['-e', program],
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'fairway' },
    spec: { template: { spec: { containers: [container] } } },
  }
}

/** A port at the host's end of the lab's network that leads to one of this machine's loopback. */
async function reachable(t: Hooks, port: number): Promise<number> {
  const server = createServer((client) => {
    const target = connect(port, '127.0.0.1')
    client.pipe(target).pipe(client)
    client.on('error', () => target.destroy())
    target.on('error', () => client.destroy())
  })
  server.listen(0, labNetwork.host)
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

async function portForward(t: Hooks, pod: string): Promise<string> {
  const { facts } = await labFacts('kubernetes')
  const argv = ['--kubeconfig', facts['kubeconfig'] ?? '', '-n', namespace, 'port-forward', `pod/${pod}`, ':7007']
  const child: ChildProcess = spawn(openLab(() => {}).bin('kubectl'), argv, { stdio: ['ignore', 'pipe', 'ignore'] })
  t.after(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout?.on('data', (text: Buffer) => (said += String(text)))
  const port = await waitUntil(() => /127\.0\.0\.1:(\d+)/.exec(said)?.[1], {
    what: 'the port to be forwarded',
    ms: 60_000,
  })
  return `http://127.0.0.1:${port}`
}
