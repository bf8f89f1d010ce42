import { access, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { certificate, certificateAuthority, kubeconfig } from '../run/certificates.ts'
import type { LabEngine } from '../run/engine.ts'
import type { LabPlace } from '../run/lab-place.ts'
import { labNetwork } from '../run/place-names.ts'
import { kubectl, kubectlUntil } from './kubernetes.ts'
import { importPause, pauseImage } from './pause-image.ts'

const { host, kubernetesService, namespace, node: address, pods } = labNetwork
const name = 'lab-node'

/** One node: containerd, kubelet, kube-proxy and CoreDNS inside the lab's network namespace. */
export const node: LabEngine = {
  name: 'node',
  binaries: ['kubelet', 'kube-proxy', 'coredns'],
  packages: [
    'containerd',
    'runc',
    'containernetworking-plugins',
    'iptables',
    'nftables',
    'conntrack',
    'gcc',
    'libc6-dev',
  ],
  needs: ['network', 'kubernetes', 'registry'],
  async start(lab) {
    const folder = await lab.state('node')
    const kubernetes = await lab.facts('kubernetes')
    const registry = await lab.facts('registry')
    if (!kubernetes || !registry) throw new Error('the node needs kubernetes and a registry')
    const socket = await startContainerd(lab, folder, registry['registry'] ?? '')
    await importPause(folder, socket)
    const files = await makeCredentials(lab, folder, kubernetes['server'] ?? '')
    await startKubelet(lab, folder, { socket, config: files.kubelet })
    await startProxy(lab, folder, files.proxy)
    await startDns(lab, folder, files.dns)
    const admin = kubernetes['kubeconfig'] ?? ''
    await grantNames(lab, admin)
    await kubectlUntil(lab, { config: admin, argv: ['get', 'node', name] })
    await kubectl(lab, { config: admin, argv: ['wait', '--for=condition=Ready', `node/${name}`, '--timeout=60s'] })
    await lab.writeFacts('node', { name, address, socket })
  },
  stop: (lab) => removeContainers(lab),
}

async function startContainerd(lab: LabPlace, folder: string, registry: string): Promise<string> {
  const socket = join(folder, 'containerd.sock')
  const hosts = join(folder, 'hosts', registry)
  await mkdir(hosts, { recursive: true })
  await writeFile(
    join(hosts, 'hosts.toml'),
    `server = "http://${registry}"\n[host."http://${registry}"]\n  capabilities = ["pull", "resolve"]\n`,
  )
  await mkdir(join(folder, 'cni'), { recursive: true })
  await writeFile(join(folder, 'cni/10-lab.conflist'), cniSettings(folder))
  const settings = join(folder, 'containerd.toml')
  await writeFile(settings, containerdSettings(folder, socket))
  await lab.start({
    name: 'containerd',
    argv: ['containerd', '--config', settings],
    network: namespace,
    ready: async () => {
      await execa('ctr', ['--address', socket, 'version'], { timeout: 2_000 })
      return true
    },
  })
  return socket
}

function cniSettings(folder: string): string {
  const range = [[{ subnet: pods.replace('.0.0/16', '.1.0/24') }]]
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: 'lab',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni-lab',
        isGateway: true,
        // Pods reach what the host offers at its end of the link.
        ipMasq: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: range, routes: [{ dst: '0.0.0.0/0' }], dataDir: join(folder, 'ipam') },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  })
}

// Without CAP_SYS_RESOURCE the kernel refuses a lower OOM score, and runc then says "can't get final child's PID".
function containerdSettings(folder: string, socket: string): string {
  return `version = 2
root = "${join(folder, 'containerd')}"
state = "${join(folder, 'containerd-run')}"
[grpc]
  address = "${socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${join(folder, 'cni')}"
[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "${join(folder, 'hosts')}"
`
}

async function makeCredentials(lab: LabPlace, folder: string, server: string) {
  const authorityFolder = await lab.state('kubernetes')
  const authority = (await certificateAuthority(authorityFolder)).certificate
  await certificate(authorityFolder, {
    name: 'kubelet-server',
    commonName: `system:node:${name}`,
    organisation: 'system:nodes',
    names: [`DNS:${name}`, `IP:${address}`],
  })
  const config = async (file: string, commonName: string, organisation?: string) => {
    const request = { name: file, commonName, ...(organisation && { organisation }) }
    const user = await certificate(authorityFolder, request)
    const path = join(folder, `${file}.kubeconfig`)
    await writeFile(path, await kubeconfig({ server, authority, user }), { mode: 0o600 })
    return path
  }
  return {
    kubelet: await config('kubelet', `system:node:${name}`, 'system:nodes'),
    proxy: await config('kube-proxy', 'system:kube-proxy'),
    dns: await config('coredns', 'lab:coredns'),
  }
}

async function startKubelet(lab: LabPlace, folder: string, { socket, config }: { socket: string; config: string }) {
  const authorityFolder = await lab.state('kubernetes')
  const settings = join(folder, 'kubelet.json')
  await writeFile(
    settings,
    JSON.stringify({
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      address,
      // The kubelet cannot know that the pause image is needed, and would clear it away on a full disk.
      imageGCHighThresholdPercent: 100,
      imageGCLowThresholdPercent: 99,
      failCgroupV1: false,
      failSwapOn: false,
      cgroupDriver: 'cgroupfs',
      enforceNodeAllocatable: [],
      containerRuntimeEndpoint: `unix://${socket}`,
      evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
      tlsCertFile: join(authorityFolder, 'kubelet-server.crt'),
      tlsPrivateKeyFile: join(authorityFolder, 'kubelet-server.key'),
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: join(authorityFolder, 'ca.crt') },
      },
      authorization: { mode: 'Webhook' },
      clusterDNS: [address],
      clusterDomain: 'cluster.local',
      resolvConf: '',
      podLogsDir: join(folder, 'pod-logs'),
    }),
  )
  await lab.start({
    name: 'kubelet',
    argv: [
      lab.bin('kubelet'),
      `--config=${settings}`,
      `--kubeconfig=${config}`,
      `--root-dir=${join(folder, 'kubelet')}`,
      `--node-ip=${address}`,
      `--hostname-override=${name}`,
    ],
    network: namespace,
  })
}

async function startProxy(lab: LabPlace, folder: string, config: string): Promise<void> {
  const settings = join(folder, 'kube-proxy.json')
  await writeFile(
    settings,
    JSON.stringify({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'nftables',
      clientConnection: { kubeconfig: config },
      clusterCIDR: pods,
      hostnameOverride: name,
      conntrack: { maxPerCore: 0, min: 0 },
      healthzBindAddress: '127.0.0.1:10256',
      metricsBindAddress: '127.0.0.1:10249',
    }),
  )
  await lab.start({
    name: 'kube-proxy',
    argv: [lab.bin('kube-proxy'), `--config=${settings}`],
    network: namespace,
  })
}

async function startDns(lab: LabPlace, folder: string, config: string): Promise<void> {
  const settings = join(folder, 'Corefile')
  await writeFile(
    settings,
    `.:53 {
  bind ${address}
  errors
  kubernetes cluster.local ${kubernetesService}/16 {
    kubeconfig ${config} lab
    pods insecure
  }
  hosts {
    ${host} lab.host
  }
}
`,
  )
  await lab.start({
    name: 'coredns',
    argv: [lab.bin('coredns'), '-conf', settings],
    network: namespace,
  })
}

async function grantNames(lab: LabPlace, admin: string): Promise<void> {
  const binding = (bound: string, role: string, user: string) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: bound },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  })
  const items = [
    binding('lab-proxy', 'system:node-proxier', 'system:kube-proxy'),
    binding('lab-dns', 'lab-dns', 'lab:coredns'),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'lab-dns' },
      rules: [
        { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
  ]
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  await kubectl(lab, { config: admin, argv: ['apply', '--server-side', '--force-conflicts', '-f', '-'], input })
}

/** Containers and their shims outlive containerd: they end first, then their mounts and network namespaces. */
async function removeContainers(lab: LabPlace): Promise<void> {
  const folder = await lab.state('node')
  for (const each of ['kubelet', 'kube-proxy', 'coredns']) await lab.end(each)
  const ctr = (...argv: string[]) =>
    execa('ctr', ['--address', join(folder, 'containerd.sock'), '-n', 'k8s.io', ...argv], {
      reject: false,
      timeout: 10_000,
    })
  const idsOf = async (what: string) => {
    const { stdout, failed } = await ctr(what, 'list', '-q')
    return failed ? [] : String(stdout).split('\n').filter(Boolean)
  }
  for (const id of await idsOf('tasks')) await ctr('tasks', 'kill', '-s', 'KILL', id)
  for (const id of await idsOf('tasks')) await ctr('tasks', 'rm', '-f', id)
  for (const id of await idsOf('containers')) await ctr('containers', 'rm', id)
  await lab.end('containerd')
  await unmountBelow(folder)
  await removePodNetworks()
}

async function unmountBelow(folder: string): Promise<void> {
  const { stdout } = await execa('cat', ['/proc/self/mounts'])
  const below = String(stdout)
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
  for (const path of below.toReversed()) await execa('umount', ['-l', path], { reject: false })
}

/** Namespaces of pods carry an address of our range; others are somebody else's. */
async function removePodNetworks(): Promise<void> {
  const folder = '/var/run/netns'
  const names = await access(folder).then(
    () => readdir(folder),
    () => [],
  )
  const ours = pods.split('.').slice(0, 2).join('.')
  for (const each of names.filter((one) => one.startsWith('cni-'))) {
    const { stdout } = await execa('ip', ['-n', each, '-o', '-4', 'address'], { reject: false })
    if (String(stdout).includes(` ${ours}.`) || String(stdout).trim() === '')
      await execa('ip', ['netns', 'delete', each], { reject: false })
  }
}
