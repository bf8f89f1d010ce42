import { join } from 'node:path'
import { execa } from 'execa'
import { type GoEngine, moduleFolder } from '../build/go-engine.ts'
import type { LabEngine } from '../run/engine.ts'
import type { LabPlace } from '../run/lab-place.ts'

// Only files are taken of them: what they need to be built does not resolve (docs/adapters/flux.md).
const controllers: readonly GoEngine[] = [
  { name: 'source-controller', module: 'github.com/fluxcd/source-controller', version: 'v1.8.5' },
  { name: 'kustomize-controller', module: 'github.com/fluxcd/kustomize-controller', version: 'v1.7.3' },
]

/** Flux's kinds in the lab's cluster, from the modules of its controllers. The controllers themselves do not run. */
export const flux: LabEngine = {
  name: 'flux',
  binaries: ['kubectl'],
  needs: ['kubernetes'],
  async start(lab) {
    const kubeconfig = (await lab.facts('kubernetes'))?.['kubeconfig']
    if (!kubeconfig) throw new Error('the lab has no kubernetes')
    await applyKinds(lab, kubeconfig)
    await lab.writeFacts('flux', { kubeconfig, namespace: 'flux-system' })
  },
}

async function applyKinds(lab: LabPlace, kubeconfig: string): Promise<void> {
  const kubectl = (...argv: string[]) => execa(lab.bin('kubectl'), ['--kubeconfig', kubeconfig, ...argv])
  const kinds = ['gitrepositories.source.toolkit.fluxcd.io', 'kustomizations.kustomize.toolkit.fluxcd.io']
  const known = await kubectl('get', 'crd', ...kinds, '-o', 'name').catch(() => undefined)
  if (!known) {
    lab.say('flux: kinds of its modules')
    const state = await lab.state('flux')
    for (const engine of controllers) {
      const place = { work: join(state, engine.name), log: join(state, `${engine.name}.log`) }
      await kubectl('apply', '--server-side', '-f', join(await moduleFolder(engine, place), 'config/crd/bases'))
    }
    await kubectl('wait', '--for=condition=Established', '--timeout=60s', ...kinds.map((kind) => `crd/${kind}`))
  }
  await kubectl('create', 'namespace', 'flux-system').catch((error: Error) => {
    if (!error.message.includes('already exists')) throw error
  })
}
