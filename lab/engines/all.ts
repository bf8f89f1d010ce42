import type { LabEngine } from '../run/engine.ts'
import { etcd } from './etcd.ts'
import { gitea } from './gitea.ts'
import { kubernetes } from './kubernetes.ts'
import { network } from './network.ts'
import { node } from './node.ts'
import { registry } from './registry.ts'

/** Every engine of the lab; what one needs is started before it. */
export const allEngines: readonly LabEngine[] = [network, etcd, kubernetes, registry, gitea, node]
