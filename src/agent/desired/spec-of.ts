import { createHash } from 'node:crypto'
import { quantityOf } from '#render/score/quantity.ts'
import { configFiles } from './config-files.ts'
import { environmentOf } from './environment-of.ts'
import { expandReferences } from '#lib/expand-references.ts'
import { notHere } from './not-here.ts'
import type { ConfigMapObject, DeploymentObject, PodContainer, PodProbe, ServiceObject } from './pod-schema.ts'
import { refuseSecretArguments, secretMounts, secretVariables } from './secret-references.ts'
import type { ProbeSpec, WorkloadSpec } from './workload-spec.ts'

export interface WorkloadObjects {
  readonly deployment: DeploymentObject
  readonly service: ServiceObject | undefined
  readonly configMaps: readonly ConfigMapObject[]
}

type WhoseWorkload = Pick<WorkloadSpec, 'service' | 'environment' | 'owner' | 'version'>

/** The manifests as a spec. What the embedded runtime cannot do throws WORKLOAD_NOT_RUNNABLE_HERE with the reason. */
export function specOf(whose: WhoseWorkload, objects: WorkloadObjects): WorkloadSpec {
  const { replicas, progressDeadlineSeconds, template } = objects.deployment.spec
  const container = onlyContainer(objects.deployment)
  const files = configFiles({ container, volumes: template.spec.volumes, configMaps: objects.configMaps })
  const env = environmentOf(container, objects.configMaps)
  const secretEnv = secretVariables(container, whose.service)
  const secretFiles = secretMounts(container, template.spec.volumes, whose.service)
  refuseSecretArguments([...(container.command ?? []), ...(container.args ?? [])], secretEnv)
  const ports = portsOf(container, objects.service)
  const readiness = container.readinessProbe ? probeOf(container.readinessProbe, container) : listens(ports)
  const memory = container.resources.limits['memory']
  const needsNewProcess = {
    version: whose.version,
    image: imageOf(container.image),
    ...(container.command && { command: expanded(container.command, env) }),
    ...(container.args && { args: expanded(container.args, env) }),
    env,
    ports,
    ...(readiness && { readiness }),
    ...(container.livenessProbe && { liveness: probeOf(container.livenessProbe, container) }),
    ...(memory !== undefined && { memoryBytes: quantityOf(String(memory)) }),
    files,
    ...(secretEnv.length > 0 && { secretEnv }),
    ...(secretFiles.length > 0 && { secretFiles }),
  }
  const hosts = objects.service?.metadata.annotations['fairway.dev/hosts']?.split(',') ?? []
  const url = objects.service?.metadata.annotations['fairway.dev/url']
  return {
    ...whose,
    ...needsNewProcess,
    secretEnv,
    secretFiles,
    secrets: {},
    hash: createHash('sha256').update(JSON.stringify(needsNewProcess)).digest('hex').slice(0, 16),
    replicas,
    graceSeconds: Math.min(template.spec.terminationGracePeriodSeconds, 30),
    deadlineSeconds: progressDeadlineSeconds,
    hosts: hosts.map((host) => host.trim().toLowerCase()),
    ...(url && { url }),
  }
}

function onlyContainer({ spec }: DeploymentObject): PodContainer {
  const { containers, initContainers } = spec.template.spec
  const [container] = containers
  if (!container || containers.length > 1 || initContainers.length > 0)
    throw notHere('it has more than one container; the embedded runtime starts one process per instance')
  if (container.envFrom.length > 0) throw notHere('its container takes variables with envFrom')
  return container
}

function imageOf(reference: string): { name: string; digest: string } {
  const match = /^[^/]+\/([a-z0-9/._-]+)@(sha256:[0-9a-f]{64})$/.exec(reference)
  if (!match) throw notHere(`its image ${reference} is not named by digest`)
  return { name: match[1] ?? '', digest: match[2] ?? '' }
}

/** The port behind the Service comes first: it is the one the gateway serves. */
function portsOf(container: PodContainer, service: ServiceObject | undefined): number[] {
  const tcp = container.ports.filter(({ protocol }) => protocol === 'TCP').map(({ containerPort }) => containerPort)
  const [first] = service?.spec.ports ?? []
  const served = first && numberOf(first.targetPort ?? first.port, container)
  return [...new Set(served === undefined ? tcp : [served, ...tcp])]
}

function probeOf(probe: PodProbe, container: PodContainer): ProbeSpec {
  const { initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold } = probe
  const times = { initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold }
  const none = { port: 0, path: '/', headers: [], command: [], ...times }
  if (probe.httpGet) {
    const { path, port, scheme, httpHeaders } = probe.httpGet
    if (scheme !== 'HTTP') throw notHere('a probe asks over HTTPS')
    return { ...none, kind: 'http', path, port: numberOf(port, container), headers: httpHeaders }
  }
  if (probe.tcpSocket) return { ...none, kind: 'tcp', port: numberOf(probe.tcpSocket.port, container) }
  if (probe.exec) return { ...none, kind: 'exec', command: probe.exec.command }
  throw notHere('a probe is neither httpGet, tcpSocket nor exec')
}

function listens(ports: readonly number[]): ProbeSpec | undefined {
  const times = { initialDelaySeconds: 0, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 }
  const [port] = ports
  return port === undefined ? undefined : { kind: 'tcp', port, path: '/', headers: [], command: [], ...times }
}

function numberOf(port: number | string, { ports }: PodContainer): number {
  if (typeof port === 'number') return port
  const named = ports.find(({ name }) => name === port)
  if (named) return named.containerPort
  throw notHere(`no port of its container is called ${port}`)
}

function expanded(words: readonly string[], env: readonly { name: string; value: string }[]): string[] {
  const known = new Map(env.map(({ name, value }) => [name, value]))
  return words.map((word) => expandReferences(word, known))
}
