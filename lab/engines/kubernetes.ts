import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { execa } from 'execa'
import type { LabEngine } from '../run/engine.ts'
import type { LabPlace } from '../run/lab-place.ts'
import { certificate, certificateAuthority, kubeconfig } from '../run/certificates.ts'
import { labNetwork } from '../run/place-names.ts'

const { host, kubernetesService, services } = labNetwork
const port = 16_443
const server = `https://${host}:${port}`

/** The Kubernetes API with its controllers and scheduler, as processes of the host. */
export const kubernetes: LabEngine = {
  name: 'kubernetes',
  binaries: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'],
  packages: ['openssl'],
  needs: ['network', 'etcd'],
  async start(lab) {
    const folder = await lab.state('kubernetes')
    const files = await makeCredentials(folder)
    await startApiServer(lab, { folder, files, etcdUrl: (await lab.facts('etcd'))?.['url'] ?? '' })
    await startManagers(lab, files)
    await kubectlUntil(lab, { config: files.admin, argv: ['get', 'serviceaccount', 'default', '-n', 'default'] })
    await lab.writeFacts('kubernetes', { server, kubeconfig: files.admin, authority: files.authority })
  },
}

interface Credentials {
  readonly authority: string
  readonly admin: string
  readonly manager: string
  readonly scheduler: string
}

async function makeCredentials(folder: string): Promise<Credentials> {
  const authority = (await certificateAuthority(folder)).certificate
  const names = ['', '.default', '.default.svc', '.default.svc.cluster.local'].map((end) => `DNS:kubernetes${end}`)
  const addresses = ['127.0.0.1', host, kubernetesService].map((address) => `IP:${address}`)
  await certificate(folder, { name: 'apiserver', commonName: 'kube-apiserver', names: [...names, ...addresses] })
  await certificate(folder, { name: 'kubelet-client', commonName: 'kube-apiserver', organisation: 'system:masters' })
  await certificate(folder, { name: 'service-accounts', commonName: 'service-accounts' })
  const config = async (name: string, commonName: string, organisation?: string) => {
    const user = await certificate(folder, { name, commonName, ...(organisation && { organisation }) })
    const path = join(folder, `${name}.kubeconfig`)
    await writeFile(path, await kubeconfig({ server, authority, user }), { mode: 0o600 })
    return path
  }
  return {
    authority,
    admin: await config('admin', 'fairway-lab', 'system:masters'),
    manager: await config('manager', 'system:kube-controller-manager'),
    scheduler: await config('scheduler', 'system:kube-scheduler'),
  }
}

async function startApiServer(
  lab: LabPlace,
  { folder, files, etcdUrl }: { folder: string; files: Credentials; etcdUrl: string },
): Promise<void> {
  const { admin } = files
  const file = (name: string) => join(folder, name)
  await lab.start({
    name: 'kube-apiserver',
    argv: [
      lab.bin('kube-apiserver'),
      `--etcd-servers=${etcdUrl}`,
      `--bind-address=${host}`,
      `--advertise-address=${host}`,
      `--secure-port=${port}`,
      `--tls-cert-file=${file('apiserver.crt')}`,
      `--tls-private-key-file=${file('apiserver.key')}`,
      `--client-ca-file=${file('ca.crt')}`,
      `--kubelet-client-certificate=${file('kubelet-client.crt')}`,
      `--kubelet-client-key=${file('kubelet-client.key')}`,
      `--kubelet-certificate-authority=${file('ca.crt')}`,
      '--kubelet-preferred-address-types=InternalIP',
      `--service-account-key-file=${file('service-accounts.crt')}`,
      `--service-account-signing-key-file=${file('service-accounts.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-cluster-ip-range=${services}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
    ],
    // With the objects of Argo CD and Gatekeeper it grows to a gigabyte otherwise.
    env: { GOGC: '40' },
    ready: async () => (await kubectl(lab, { config: admin, argv: ['get', '--raw', '/readyz'] })).trim() === 'ok',
    seconds: 120,
  })
}

async function startManagers(lab: LabPlace, { manager, scheduler, authority }: Credentials): Promise<void> {
  const folder = await lab.state('kubernetes')
  await lab.start({
    name: 'kube-controller-manager',
    argv: [
      lab.bin('kube-controller-manager'),
      `--kubeconfig=${manager}`,
      `--root-ca-file=${authority}`,
      `--service-account-private-key-file=${join(folder, 'service-accounts.key')}`,
      '--use-service-account-credentials=true',
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
    ],
  })
  await lab.start({
    name: 'kube-scheduler',
    argv: [lab.bin('kube-scheduler'), `--kubeconfig=${scheduler}`, '--leader-elect=false', '--bind-address=127.0.0.1'],
  })
}

export interface Asked {
  readonly config: string
  readonly argv: readonly string[]
  readonly input?: string
}

/** Runs the lab's kubectl and gives what it printed. */
export async function kubectl(lab: LabPlace, { config, argv, input }: Asked): Promise<string> {
  const { stdout } = await execa(lab.bin('kubectl'), ['--kubeconfig', config, ...argv], {
    timeout: 90_000,
    ...(input === undefined ? {} : { input }),
  })
  return stdout
}

/** Repeats a question of the cluster for a minute: what controllers make comes a moment later. */
export async function kubectlUntil(lab: LabPlace, asked: Asked): Promise<void> {
  const until = Date.now() + 60_000
  for (;;) {
    const answer = await kubectl(lab, asked).catch((error: unknown) => error)
    if (!(answer instanceof Error)) return
    if (Date.now() > until) throw answer
    await pause(250)
  }
}
