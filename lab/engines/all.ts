import type { LabEngine } from '../run/engine.ts'
import { argoCd } from './argo-cd.ts'
import { collector } from './collector.ts'
import { etcd } from './etcd.ts'
import { flux } from './flux.ts'
import { gatekeeper } from './gatekeeper.ts'
import { gitea } from './gitea.ts'
import { jaeger } from './jaeger.ts'
import { kubernetes } from './kubernetes.ts'
import { loki } from './loki.ts'
import { network } from './network.ts'
import { node } from './node.ts'
import { prometheus } from './prometheus.ts'
import { registry } from './registry.ts'

/** Every engine of the lab; what one needs is started before it. */
export const allEngines: readonly LabEngine[] = [
  network,
  etcd,
  kubernetes,
  registry,
  gitea,
  node,
  gatekeeper,
  prometheus,
  loki,
  jaeger,
  collector,
  argoCd,
  flux,
]
