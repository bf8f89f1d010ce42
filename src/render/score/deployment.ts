import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import type { IContainer } from 'kubernetes-models/v1/Container'
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec'
import type { IProbe } from 'kubernetes-models/v1/Probe'
import { computeOf } from './compute.ts'
import { filesDigest, mountedFiles } from './config-map.ts'
import { metadataOf, releaseLabels, selectorOf, standingLabels } from './labels.ts'
import type { ManifestRequest } from './request.ts'
import type { Container, Probe } from './schema.ts'
import { secretFiles, secretVolumes } from './secret-files.ts'
import { literal, variablesOf } from './variables.ts'

/** The Deployment: not root, read-only, no privileges, no token; rolls out without a gap. */
export function deploymentOf(request: ManifestRequest): IDeployment {
  const { environment, score } = request
  const digest = filesDigest(request)
  const labels = { ...standingLabels(request), ...releaseLabels(request) }
  const annotations = Object.entries(score.metadata.annotations).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      ...metadataOf(request),
      labels,
      ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }),
    },
    spec: {
      replicas: replicasOf(request),
      revisionHistoryLimit: 3,
      progressDeadlineSeconds: environment.spec.rolloutSeconds,
      selector: { matchLabels: selectorOf(request) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels, ...(digest && { annotations: { 'fairway.dev/files-digest': digest } }) },
        spec: podOf(request),
      },
    },
  }
}

export function replicasOf({ serviceEnvironment, environment }: ManifestRequest): number {
  return serviceEnvironment.replicas ?? environment.spec.defaults.replicas
}

/** The container that serves the ports: the first that runs the release's image, else the first. */
function servingContainer({ score }: ManifestRequest): string | undefined {
  const names = Object.keys(score.containers)
  return names.find((name) => score.containers[name]?.image === '.') ?? names[0]
}

function podOf(request: ManifestRequest): IPodSpec {
  const files = mountedFiles(request)
  const spread = replicasOf(request) >= 2 || request.environment.metadata.name === 'production'
  return {
    serviceAccountName: request.release.service,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10001,
      runAsGroup: 10001,
      fsGroup: 10001,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(spread && { topologySpreadConstraints: spreadOver(request) }),
    containers: Object.entries(request.score.containers).map(([name, spec]) => containerOf(name, spec, request)),
    volumes: [
      { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      ...(files.length > 0
        ? [
            {
              name: 'files',
              configMap: {
                name: `${request.release.service}-files`,
                items: files.map(({ key, mode }) => ({ key, path: key, mode })),
              },
            },
          ]
        : []),
      ...secretVolumes(request),
    ],
  }
}

function containerOf(name: string, spec: Container, request: ManifestRequest): IContainer {
  const files = mountedFiles(request).filter(({ container }) => container === name)
  const secrets = secretFiles(request).filter(({ container }) => container === name)
  const ports = name === servingContainer(request) ? Object.values(request.score.service?.ports ?? {}) : []
  const [first] = ports
  const readiness = probeOf(spec.readinessProbe) ?? (first?.protocol === 'TCP' ? listens(first) : undefined)
  const liveness = probeOf(spec.livenessProbe)
  const variables = variablesOf(spec, request)
  return {
    name,
    image: imageOf(spec, request),
    imagePullPolicy: 'IfNotPresent',
    ...(spec.command && { command: spec.command.map(literal) }),
    ...(spec.args && { args: spec.args.map(literal) }),
    ...(ports.length > 0 && { ports: containerPorts(ports) }),
    ...(variables.length > 0 && { env: variables }),
    resources: computeOf(name, spec, request),
    ...(readiness && { readinessProbe: { ...readiness, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 } }),
    ...(liveness && {
      livenessProbe: {
        ...liveness,
        initialDelaySeconds: 10,
        periodSeconds: 10,
        timeoutSeconds: 2,
        failureThreshold: 3,
      },
    }),
    // Gives load balancers time to forget the pod before it stops listening.
    ...(ports.length > 0 && { lifecycle: { preStop: { sleep: { seconds: 5 } } } }),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      ...files.map(({ target, key }) => ({ name: 'files', mountPath: target, subPath: key, readOnly: true })),
      ...secrets.map(({ target, volume, path }) => ({
        name: volume,
        mountPath: target,
        subPath: path,
        readOnly: true,
      })),
    ],
  }
}

type Port = { port: number; targetPort?: number | undefined; protocol: 'TCP' | 'UDP' }

// Two service ports may share one port of the container; Kubernetes wants it named once.
function containerPorts(ports: readonly Port[]) {
  const all = ports.map(({ port, targetPort, protocol }) => ({ containerPort: targetPort ?? port, protocol }))
  const key = ({ containerPort, protocol }: (typeof all)[number]) => `${containerPort}/${protocol}`
  return [...new Map(all.map((port) => [key(port), port])).values()]
}

function imageOf({ image }: Container, { release }: ManifestRequest): string {
  return image === '.' ? `${release.image.split('@')[0]}@${release.digest}` : image
}

/** Score prefers the command where both are given; Kubernetes takes one. */
function probeOf(probe: Probe | undefined): IProbe | undefined {
  if (probe?.exec) return { exec: { command: probe.exec.command } }
  if (!probe?.httpGet) return undefined
  const { host, scheme, path, port, httpHeaders } = probe.httpGet
  return {
    httpGet: { path, port, ...(scheme && { scheme }), ...(host && { host }), ...(httpHeaders && { httpHeaders }) },
  }
}

function listens({ port, targetPort }: Port): IProbe {
  return { tcpSocket: { port: targetPort ?? port } }
}

function spreadOver(request: ManifestRequest): NonNullable<IPodSpec['topologySpreadConstraints']> {
  return ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway' as const,
    labelSelector: { matchLabels: selectorOf(request) },
  }))
}
