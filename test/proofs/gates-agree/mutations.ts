import fc from 'fast-check'

/** A JSON object on the way to becoming another one. */
export type Json = Record<string, unknown>

export interface Mutation {
  readonly name: string
  /** Changes the object in place; one that has no pod is left as it is by what changes pods. */
  change(object: Json): void
}

const digest = `@sha256:${'a'.repeat(64)}`

/** What people and attackers do to manifests, each small. Most of it is still a valid object of Kubernetes. */
export const mutations: readonly Mutation[] = [
  ...['nginx', 'nginx:latest', 'fairway.local/team-a/shop:1', `docker.io/library/nginx${digest}`].map(image),
  ...[`fairway.localhost/x${digest}`, `fairway.local:5000/x${digest}`, `fairway.local/x@sha256:${'0'.repeat(64)}`].map(
    image,
  ),
  ...['UPPER/case', 'a b', `fairway.local/a//b${digest}`, 'fairway.local/x@sha256:short'].map(image),
  ...['resources', 'readinessProbe', 'livenessProbe', 'securityContext', 'volumeMounts'].map((field) =>
    ofContainer(`no ${field}`, (container) => delete container[field]),
  ),
  ...['requests', 'limits'].flatMap((kind) =>
    ['cpu', 'memory'].map((resource) =>
      ofContainer(
        `no ${kind} of ${resource}`,
        (container) => delete child(child(container, 'resources'), kind)[resource],
      ),
    ),
  ),
  ofContainer(
    'no request above nought',
    (container) => (child(child(container, 'resources'), 'requests')['cpu'] = '0'),
  ),
  ofContainer('amounts of another kind', (container) => (container['resources'] = amounts('1e1', 0.25))),
  ofContainer('privileged', (container) => (child(container, 'securityContext')['privileged'] = true)),
  ofContainer('root', (container) => (child(container, 'securityContext')['runAsUser'] = 0)),
  ofContainer('may be root', (container) => (child(container, 'securityContext')['runAsNonRoot'] = false)),
  ofContainer('escalates', (container) => (child(container, 'securityContext')['allowPrivilegeEscalation'] = true)),
  ofContainer('writes', (container) => (child(container, 'securityContext')['readOnlyRootFilesystem'] = false)),
  ofContainer(
    'unconfined',
    (container) => (child(container, 'securityContext')['seccompProfile'] = { type: 'Unconfined' }),
  ),
  ofContainer(
    'capabilities',
    (container) => (child(container, 'securityContext')['capabilities'] = { add: ['NET_ADMIN'], drop: ['CHOWN'] }),
  ),
  ofContainer('host port', (container) => (container['ports'] = [{ containerPort: 8080, hostPort: 8080 }])),
  ofContainer('probe by exec', (container) => (container['livenessProbe'] = { exec: { command: ['true'] } })),
  ...['hostNetwork', 'hostPID', 'hostIPC'].map((field) => ofPod(field, (pod) => (pod[field] = true))),
  ofPod('folder of the machine', (pod) => (pod['volumes'] = [{ name: 'host', hostPath: { path: '/etc' } }])),
  ofPod('pod may be root', (pod) => (pod['securityContext'] = {})),
  ofPod('no pod security', (pod) => delete pod['securityContext']),
  ofPod('bare init container', (pod) => (pod['initContainers'] = [{ name: 'init', image: 'busybox' }])),
  ofPod(
    'second container',
    (pod) => (pod['containers'] = [...containersOf(pod), { name: 'second', image: `fairway.local/x${digest}` }]),
  ),
  ofObject('no labels', (object) => delete child(object, 'metadata')['labels']),
  ofObject('empty owner', (object) => (labels(object)['fairway.dev/owner'] = '')),
  ofObject('owner nobody knows', (object) => (labels(object)['fairway.dev/owner'] = 'team-x')),
  ofObject('owner of another team', (object) => (labels(object)['fairway.dev/owner'] = 'team-b')),
  ofObject('no name label', (object) => delete labels(object)['app.kubernetes.io/name']),
  ...[0, 1, 2, 7].map((count) =>
    ofObject(`${count} replicas`, (object) => {
      const spec = child(object, 'spec')
      if ('replicas' in spec) spec['replicas'] = count
    }),
  ),
  ofObject('replicas left out', (object) => delete child(object, 'spec')['replicas']),
]

/** None to three of them, in any order. */
export const someMutations = fc.array(fc.constantFrom(...mutations), { maxLength: 3 })

export function child(object: Json, field: string): Json {
  const found = object[field]
  if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found as Json
  return (object[field] = {})
}

/** The pod of a workload, or the pod itself; undefined for what has none. */
export function podOf(object: Json): Json | undefined {
  const spec = object['spec'] as Json | undefined
  if (object['kind'] === 'Pod') return spec
  const template = (spec?.['template'] ?? (spec?.['jobTemplate'] as { spec?: Json } | undefined)?.spec?.['template']) as
    | { spec?: Json }
    | undefined
  return template?.spec
}

function containersOf(pod: Json): Json[] {
  return (pod['containers'] ?? []) as Json[]
}

function labels(object: Json): Json {
  return child(child(object, 'metadata'), 'labels')
}

function amounts(cpu: unknown, memory: unknown): Json {
  return { requests: { cpu, memory }, limits: { cpu, memory } }
}

function image(reference: string): Mutation {
  return ofContainer(`image ${reference}`, (container) => (container['image'] = reference))
}

function ofContainer(name: string, change: (container: Json) => unknown): Mutation {
  return ofPod(name, (pod) => {
    const [first] = containersOf(pod)
    if (first) change(first)
  })
}

function ofPod(name: string, change: (pod: Json) => unknown): Mutation {
  return ofObject(name, (object) => {
    const pod = podOf(object)
    if (pod) change(pod)
  })
}

function ofObject(name: string, change: (object: Json) => unknown): Mutation {
  return { name, change: (object) => void change(object) }
}
