import { chmod, copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { execa } from 'execa'
import { engines } from '../build/engines.ts'
import { moduleFolder } from '../build/go-engine.ts'
import type { EngineProcess } from '../run/engine-process.ts'
import type { LabEngine } from '../run/engine.ts'
import type { LabPlace } from '../run/lab-place.ts'

const port = {
  redis: 26379,
  server: 28080,
  repoServer: 28081,
  controllerMetrics: 28082,
  serverMetrics: 28083,
  repoServerMetrics: 28084,
  appSetMetrics: 28085,
  appSetProbe: 28086,
  appSetHooks: 28087,
}

/** Argo CD as five host processes beside the lab's cluster, on loopback. It deploys to that cluster, and needs no pod. */
export const argoCd: LabEngine = {
  name: 'argo-cd',
  binaries: ['argocd', 'kubectl', 'kustomize', 'helm'],
  packages: ['redis-server'],
  needs: ['kubernetes'],
  async start(lab) {
    const state = await lab.state('argo-cd')
    const source = await sourceFolder(lab, state)
    const kubeconfig = await ownKubeconfig(lab, state)
    await applyManifests(lab, { kubeconfig, source })
    const bin = await roles(lab, { state, source })
    const env = await environment(lab, { state, kubeconfig, bin })
    for (const process of processes(state, { bin, env })) await lab.start(process)
    await lab.writeFacts('argo-cd', {
      kubeconfig,
      namespace: 'argocd',
      hooks: `http://127.0.0.1:${port.server}/api/webhook`,
      setHooks: `http://127.0.0.1:${port.appSetHooks}/api/webhook`,
      controller: JSON.stringify({ argv: controller(bin, env).argv, env }),
    })
  },
}

/** In the order in which they have to start. */
function processes(
  state: string,
  { bin, env }: { bin: string; env: Readonly<Record<string, string>> },
): readonly EngineProcess[] {
  const repo = `127.0.0.1:${port.repoServer}`
  const redis = ['--redis', `127.0.0.1:${port.redis}`]
  return [
    {
      name: 'argo-cd-redis',
      argv: ['redis-server', '--port', String(port.redis), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      cwd: state,
      ready: async () => (await execa('redis-cli', ['-p', String(port.redis), 'ping'])).stdout === 'PONG',
    },
    {
      name: 'argo-cd-repo-server',
      argv: [
        join(bin, 'argocd-repo-server'),
        ...redis,
        '--address=127.0.0.1',
        `--port=${port.repoServer}`,
        '--metrics-address=127.0.0.1',
        `--metrics-port=${port.repoServerMetrics}`,
        '--disable-tls',
        '--client-ca-path=',
        '--revision-cache-expiration=5s',
        '--loglevel=warn',
      ],
      env,
      ready: () => answers(`http://127.0.0.1:${port.repoServerMetrics}/healthz`),
    },
    // Before the others: it writes the key that the controller of ApplicationSets needs for its hooks.
    {
      name: 'argo-cd-server',
      argv: [
        join(bin, 'argocd-server'),
        ...redis,
        '--address=127.0.0.1',
        `--port=${port.server}`,
        `--metrics-port=${port.serverMetrics}`,
        '--insecure',
        '--disable-auth',
        `--repo-server=${repo}`,
        '--repo-server-plaintext',
        '--loglevel=warn',
      ],
      env,
      ready: () => answers(`http://127.0.0.1:${port.server}/healthz`),
    },
    controller(bin, env),
    {
      name: 'argo-cd-applicationset-controller',
      argv: [
        join(bin, 'argocd-applicationset-controller'),
        `--argocd-repo-server=${repo}`,
        '--repo-server-plaintext',
        '--loglevel=warn',
        `--metrics-addr=127.0.0.1:${port.appSetMetrics}`,
        `--probe-addr=127.0.0.1:${port.appSetProbe}`,
        `--webhook-addr=127.0.0.1:${port.appSetHooks}`,
      ],
      env: { ...env, NAMESPACE: 'argocd' },
      ready: () => answers(`http://127.0.0.1:${port.appSetMetrics}/metrics`),
    },
  ]
}

/** The controller alone, so that a test can stop it and start it again. */
function controller(bin: string, env: Readonly<Record<string, string>>) {
  const argv: [string, ...string[]] = [
    join(bin, 'argocd-application-controller'),
    `--redis=127.0.0.1:${port.redis}`,
    `--repo-server=127.0.0.1:${port.repoServer}`,
    '--repo-server-plaintext',
    `--metrics-port=${port.controllerMetrics}`,
    '--loglevel=warn',
    '--app-resync=60',
    '--app-resync-jitter=0',
    '--self-heal-backoff-timeout-seconds=2',
    '--self-heal-backoff-cap-seconds=5',
  ]
  const ready = () => answers(`http://127.0.0.1:${port.controllerMetrics}/healthz`)
  return { name: 'argo-cd-application-controller', argv, env, ready }
}

const answers = async (url: string): Promise<boolean> => (await fetch(url)).ok

async function sourceFolder(lab: LabPlace, state: string): Promise<string> {
  const engine = engines.find(({ name }) => name === 'argocd')
  if (!engine) throw new Error('lab/build/engines.ts has no argocd')
  lab.say('argo-cd: manifests of its module')
  return moduleFolder(engine, { work: join(state, 'module'), log: join(state, 'module.log') })
}

/** A kubeconfig whose context names Argo CD's namespace: it looks for its settings there. */
async function ownKubeconfig(lab: LabPlace, state: string): Promise<string> {
  const given = (await lab.facts('kubernetes'))?.['kubeconfig']
  if (!given) throw new Error('the lab has no kubernetes')
  const file = join(state, 'kubeconfig')
  const kubectl = lab.bin('kubectl')
  const { stdout } = await execa(kubectl, ['--kubeconfig', given, 'config', 'view', '--raw', '--flatten'])
  await writeFile(file, stdout, { mode: 0o600 })
  await execa(kubectl, ['--kubeconfig', file, 'config', 'set-context', '--current', '--namespace=argocd'])
  return file
}

async function applyManifests(lab: LabPlace, { kubeconfig, source }: { kubeconfig: string; source: string }) {
  const kubectl = (...argv: string[]) => execa(lab.bin('kubectl'), ['--kubeconfig', kubeconfig, ...argv])
  const known = await kubectl(
    'get',
    'crd',
    'applications.argoproj.io',
    'applicationsets.argoproj.io',
    '-o',
    'name',
  ).catch(() => undefined)
  const isThere = await kubectl('-n', 'argocd', 'get', 'configmap', 'argocd-cm', '-o', 'name').catch(() => undefined)
  if (known && isThere) return
  lab.say('argo-cd: kinds and settings')
  await kubectl('apply', '--server-side', '-k', join(source, 'manifests/crds'))
  const kinds = ['applications', 'applicationsets', 'appprojects'].map((kind) => `${kind}.argoproj.io`)
  // `kubectl wait` fails for a kind that has no conditions yet.
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(300))
    if (await kubectl('get', '--all-namespaces', kinds.join()).catch(() => undefined)) break
  await kubectl('create', 'namespace', 'argocd').catch((error: Error) => {
    if (!error.message.includes('already exists')) throw error
  })
  await kubectl('-n', 'argocd', 'apply', '-k', join(source, 'manifests/base/config'))
}

/** One link per role to the one binary, and the scripts that it calls: those of a module have no run bit. */
async function roles(lab: LabPlace, { state, source }: { state: string; source: string }): Promise<string> {
  const bin = join(state, 'bin')
  await mkdir(bin, { recursive: true })
  for (const role of ['application-controller', 'repo-server', 'server', 'applicationset-controller']) {
    const link = join(bin, `argocd-${role}`)
    await rm(link, { force: true })
    await symlink(lab.bin('argocd'), link)
  }
  for (const script of ['git-verify-wrapper.sh', 'gpg-wrapper.sh', 'git-ask-pass.sh']) {
    await rm(join(bin, script), { force: true })
    await copyFile(join(source, 'hack', script), join(bin, script))
    await chmod(join(bin, script), 0o755)
  }
  return bin
}

async function environment(
  lab: LabPlace,
  { state, kubeconfig, bin }: { state: string; kubeconfig: string; bin: string },
): Promise<Record<string, string>> {
  const folder = async (name: string) => {
    await mkdir(join(state, name), { recursive: true, mode: 0o700 })
    return join(state, name)
  }
  const ssh = await folder('ssh')
  await writeFile(join(ssh, 'ssh_known_hosts'), '')
  return {
    KUBECONFIG: kubeconfig,
    PATH: `${bin}:${join(lab.bin('kustomize'), '..')}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: await folder('home'),
    TMPDIR: await folder('tmp'),
    ARGOCD_FAKE_IN_CLUSTER: 'true',
    ARGOCD_GPG_ENABLED: 'false',
    ARGOCD_TLS_DATA_PATH: await folder('tls'),
    ARGOCD_SSH_DATA_PATH: ssh,
    ARGOCD_GNUPGHOME: await folder('gnupg'),
    ARGOCD_GPG_DATA_PATH: await folder('gpg'),
    ARGOCD_PLUGINSOCKFILEPATH: await folder('plugins'),
  }
}
