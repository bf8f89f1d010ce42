import { PlatformError } from '#errors/platform-error.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import type { RenderedFile } from '../rendered-file.ts'
import { releaseLabels, standingLabels } from '../score/labels.ts'
import { type ManifestRequest, namespaceOf, urlOf } from '../score/request.ts'
import { withKustomization } from '../yaml/kustomization.ts'
import { writeYaml } from '../yaml/write-yaml.ts'
import { checkSources } from './check-sources.ts'
import { type Packager, packagers } from './find-packager.ts'
import { runPackager } from './run-packager.ts'

/** What a chart or kustomization is rendered with: all that Score gets, but for score.yaml itself. */
export type PackagedRequest = Omit<ManifestRequest, 'score'>

/** Written into release.yaml: which program made the manifests. */
export const packagedRenderer = (packager: Packager): string => `${packager} ${packagers[packager].version}`

const mostObjects = 100

/**
 * The manifests that a team's chart or kustomization gives for a release in an environment, in the shape of the default
 * path: one object a file, sorted by path, in the team's namespace, with the platform's labels. Same input, same bytes.
 * `files` are those below `helm/` or `kustomize/`. What may not be in a team's folder is refused by refusedObjects later.
 */
export async function renderPackaged(
  packager: Packager,
  files: readonly RenderedFile[],
  request: PackagedRequest,
): Promise<readonly RenderedFile[]> {
  checkSources(packager, files)
  const printed = await runPackager(
    packager,
    packager === 'helm' ? helmRun(files, request) : kustomizeRun(files, request),
  )
  await admitYaml(printed)
  const objects = readYaml(printed, { code: 'PACKAGING_INVALID', file: `output of ${packager}` })
    .map(({ value }) => value)
    .filter((value) => value !== null)
    .map((value) => normalised(value, request))
  if (objects.length === 0 || objects.length > mostObjects)
    throw new PlatformError(
      'PACKAGING_REFUSED',
      `${packager} gives ${objects.length} objects; between 1 and ${mostObjects} are taken`,
    )
  return filesOf(objects)
}

function helmRun(files: readonly RenderedFile[], request: PackagedRequest) {
  const { release, environment } = request
  const own = files.some(({ path }) => path === `helm/values-${environment.metadata.name}.yaml`)
  const values = { path: 'fairway/values.yaml', content: writeYaml({ fairway: factsOf(request) }) }
  return {
    files: [...files, values],
    argv: [
      'template',
      release.service,
      './helm',
      `--namespace=${namespaceOf(release.owner, environment.metadata.name)}`,
      ...(own ? [`--values=helm/values-${environment.metadata.name}.yaml`] : []),
      '--values=fairway/values.yaml',
    ],
  }
}

function kustomizeRun(files: readonly RenderedFile[], request: PackagedRequest) {
  const { release, environment } = request
  const overlay = `kustomize/overlays/${environment.metadata.name}`
  const has = (folder: string) => files.some(({ path }) => path === `${folder}/kustomization.yaml`)
  const base = has(overlay) ? overlay : 'kustomize'
  if (!has(base))
    throw new PlatformError(
      'PACKAGING_INVALID',
      `there is neither ${overlay}/kustomization.yaml nor kustomize/kustomization.yaml`,
    )
  const wrapper = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: namespaceOf(release.owner, environment.metadata.name),
    resources: [`../${base}`],
    // The name that stands for the release's image in a team's files.
    images: [{ name: 'fairway-image', newName: release.image.split('@')[0], digest: release.digest }],
  }
  return {
    files: [...files, { path: 'fairway/kustomization.yaml', content: writeYaml(wrapper) }],
    argv: ['build', './fairway', '--load-restrictor=LoadRestrictionsRootOnly'],
  }
}

/** What a chart finds under `.Values.fairway`. */
function factsOf({ release, environment, serviceEnvironment, platform }: PackagedRequest) {
  const place = { service: release.service, environment: environment.metadata.name }
  return {
    service: release.service,
    owner: release.owner,
    environment: place.environment,
    release: release.version,
    commit: release.commit,
    image: `${release.image.split('@')[0]}@${release.digest}`,
    url: urlOf(platform.urlPattern, place),
    replicas: serviceEnvironment.replicas ?? environment.spec.defaults.replicas,
  }
}

type Fields = Record<string, unknown>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object with the platform's labels; a namespace is added where there is none. */
function normalised(value: unknown, request: PackagedRequest): Fields {
  const metadata = isFields(value) ? value['metadata'] : undefined
  if (
    !isFields(value) ||
    !isFields(metadata) ||
    typeof metadata['name'] !== 'string' ||
    typeof value['kind'] !== 'string'
  )
    throw new PlatformError('PACKAGING_INVALID', 'an object without kind or name was rendered')
  refuseHooks(value['kind'], metadata)
  const { release, environment } = request
  const standing = standingLabels(request as ManifestRequest)
  const workload = value['kind'] === 'Deployment'
  const labels = { ...standing, ...(workload && releaseLabels(request as ManifestRequest)) }
  const namespace = metadata['namespace'] ?? namespaceOf(release.owner, environment.metadata.name)
  return {
    ...value,
    metadata: { ...metadata, namespace, labels: { ...fieldsOf(metadata['labels']), ...labels } },
    ...(workload && { spec: withPodLabels(value['spec'], labels) }),
  }
}

const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {})

// The selector stays the team's own: a Deployment's can never change.
function withPodLabels(spec: unknown, labels: Fields): Fields {
  const { template, ...rest } = fieldsOf(spec)
  const { metadata, ...pod } = fieldsOf(template)
  const own = fieldsOf(metadata)
  const chosen = fieldsOf(fieldsOf(rest['selector'])['matchLabels'])
  return {
    ...rest,
    template: { ...pod, metadata: { ...own, labels: { ...fieldsOf(own['labels']), ...labels, ...chosen } } },
  }
}

/** Delivery is by Git: nothing is there that would run a hook at the right moment, and a hook that never runs is a trap. */
function refuseHooks(kind: string, metadata: Fields): void {
  const hook = Object.keys(fieldsOf(metadata['annotations'])).find((key) =>
    /^(helm\.sh|argocd\.argoproj\.io)\/hook/.test(key),
  )
  if (hook === undefined) return
  throw new PlatformError(
    'PACKAGING_REFUSED',
    `${kind} ${String(metadata['name'])} is a hook (${hook}), and no hook runs in a delivery by Git`,
    {
      hint: 'do that work when the service starts, or leave the object out for Fairway: {{ if not .Values.fairway }}',
    },
  )
}

function filesOf(objects: readonly Fields[]): readonly RenderedFile[] {
  const files = new Map<string, string>()
  for (const object of objects) {
    const metadata = object['metadata'] as Fields
    const kind = String(object['kind'])
      .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-')
      .toLowerCase()
    const name = String(metadata['name'])
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]/g, '-')
    const path = `${kind}-${name}.yaml`
    if (files.has(path))
      throw new PlatformError('PACKAGING_REFUSED', `${String(object['kind'])} ${name} is rendered twice`)
    files.set(path, writeYaml(object))
  }
  return withKustomization([...files].map(([path, content]) => ({ path, content })))
}
