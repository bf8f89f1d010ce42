import { access } from 'node:fs/promises'
import { execa } from 'execa'
import type { LabEngine } from '../run/engine.ts'
import { labNetwork } from '../run/place-names.ts'

const { namespace, host, node, hostLink, nodeLink, pods, services } = labNetwork

/** A network namespace for the node, linked to the host: nothing of the host's own firewall is touched. */
export const network: LabEngine = {
  name: 'network',
  packages: ['iproute2'],
  async start(lab) {
    const exists = await access(`/var/run/netns/${namespace}`).then(
      () => true,
      () => false,
    )
    if (!exists) await makeNetwork()
    await lab.writeFacts('network', { host, node, namespace })
  },
  async stop() {
    await ip(['link', 'delete', hostLink], { mayFail: true })
    await ip(['netns', 'delete', namespace], { mayFail: true })
  },
}

async function makeNetwork(): Promise<void> {
  await ip(['link', 'delete', hostLink], { mayFail: true })
  await ip(['netns', 'add', namespace])
  await ip(['link', 'add', hostLink, 'type', 'veth', 'peer', 'name', nodeLink, 'netns', namespace])
  await ip(['address', 'add', `${host}/24`, 'dev', hostLink])
  await ip(['link', 'set', hostLink, 'up'])
  const inside = (...argv: string[]) => ip(['-n', namespace, ...argv])
  await inside('link', 'set', 'lo', 'up')
  await inside('address', 'add', `${node}/24`, 'dev', nodeLink)
  await inside('link', 'set', nodeLink, 'up')
  await inside('route', 'add', 'default', 'via', host)
  for (const range of [pods, services]) await ip(['route', 'replace', range, 'via', node])
  // The second needs a module that some kernels have built in and others lack; a bridge without it works too.
  for (const setting of ['net.ipv4.ip_forward=1', 'net.bridge.bridge-nf-call-iptables=1'])
    await execa('ip', ['netns', 'exec', namespace, 'sysctl', '-q', '-w', setting], { reject: false })
}

async function ip(argv: readonly string[], { mayFail = false } = {}): Promise<void> {
  const { failed, stderr } = await execa('ip', [...argv], { reject: false })
  if (failed && !mayFail) throw new Error(`ip ${argv.join(' ')}: ${String(stderr).trim()}`)
}
