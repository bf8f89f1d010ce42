import { z } from 'zod'
import { codeOf, type FieldError } from '#errors/platform-error.ts'
import type { RenderedFile } from '../rendered-file.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import {
  alertRulesFile,
  dashboardFile,
  labelOfDashboards,
  labelOfRules,
  ruleKind,
} from '../observability/platform-files.ts'

/** What a team's folder in the delivery repository may hold (T26), as `apiVersion kind`. */
export const allowedKinds: readonly string[] = [
  'apps/v1 Deployment',
  'v1 Service',
  'v1 ServiceAccount',
  'v1 ConfigMap',
  'networking.k8s.io/v1 NetworkPolicy',
  'policy/v1 PodDisruptionBudget',
]

const KubernetesObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string('a namespace is needed'),
    labels: z.record(z.string(), z.unknown()).optional(),
  }),
})

/**
 * What the platform alone writes, by the file that it stands in: no file that a team's packaging gives is called so.
 * Tools that all teams share load it, and a foreign one could replace another team's or read everybody's series.
 */
const platformOnly: readonly { readonly file: string; readonly kind?: string; readonly label?: string }[] = [
  { file: dashboardFile, label: labelOfDashboards },
  { file: alertRulesFile, label: labelOfRules },
  { file: alertRulesFile, kind: `${ruleKind.group}/${ruleKind.version} ${ruleKind.kind}` },
]

// Only a list: generators, patches, remote bases and plug-ins would bring in what nobody looked at.
const Kustomization = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  resources: z.array(z.string()),
})

/** Everything in a team's folder that may not be there, addressed as `file/kind/name`. Empty: the folder may be committed. */
export function refusedObjects(files: readonly RenderedFile[], namespace: string): readonly FieldError[] {
  const paths = files.map(({ path }) => path)
  const seen = new Set<string>()
  return files.flatMap((file) => {
    if (!/^[a-z][a-z0-9-]*\.yaml$/.test(file.path)) return [refuse(file.path, 'only YAML files directly in the folder')]
    const documents = documentsOf(file)
    if (!documents) return [refuse(file.path, 'this is not plain YAML')]
    if (file.path === 'kustomization.yaml') return listFaults(documents, paths)
    if (file.path === 'release.yaml') return releaseFaults(documents)
    return documents.flatMap((document) => [
      ...objectFaults(file.path, document, namespace),
      ...twiceFaults(file.path, document, seen),
    ])
  })
}

/** Of two objects of one name the last one applied would win, whichever that is. */
function twiceFaults(path: string, document: unknown, seen: Set<string>): FieldError[] {
  const parsed = KubernetesObject.safeParse(document)
  if (!parsed.success) return []
  const { apiVersion, kind, metadata } = parsed.data
  const key = `${apiVersion.split('/').slice(0, -1).join()} ${kind} ${metadata.name}`
  if (seen.has(key)) return [refuse(`${path}/${kind}/${metadata.name}`, 'another file of the folder has this object')]
  seen.add(key)
  return []
}

// No aliases: whoever reads the folder next must not have to follow them.
function documentsOf({ path, content }: RenderedFile): unknown[] | undefined {
  try {
    const documents = readYaml(content, { code: 'POLICY_DENIED', file: path })
    const isPlain = documents.every(({ value, hasAlias }) => isObject(value) && !hasAlias)
    return documents.length > 0 && isPlain ? documents.map(({ value }) => value) : undefined
  } catch (error) {
    if (codeOf(error) === 'POLICY_DENIED') return undefined
    throw error
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectFaults(path: string, document: unknown, namespace: string): FieldError[] {
  const parsed = KubernetesObject.safeParse(document)
  if (!parsed.success) return [refuse(path, 'an object needs apiVersion, kind, name and namespace')]
  const { apiVersion, kind, metadata } = parsed.data
  const at = `${path}/${kind}/${metadata.name}`
  const faults: FieldError[] = []
  const inPlatformFile = platformOnly.some((own) => own.file === path && own.kind === `${apiVersion} ${kind}`)
  if (!allowedKinds.includes(`${apiVersion} ${kind}`) && !inPlatformFile) {
    faults.push(refuse(at, `a team may not bring ${kind} of ${apiVersion}`))
  }
  if (metadata.namespace !== namespace) {
    faults.push(refuse(at, `the namespace is ${metadata.namespace}, the team's is ${namespace}`))
  }
  const labels = Object.keys(metadata.labels ?? {})
  for (const { file, label } of platformOnly)
    if (label !== undefined && file !== path && labels.includes(label))
      faults.push(refuse(at, `the label ${label} is the platform's: it writes dashboards and alert rules itself`))
  return faults
}

function listFaults(documents: readonly unknown[], paths: readonly string[]): FieldError[] {
  const parsed = Kustomization.safeParse(documents[0])
  if (documents.length !== 1 || !parsed.success) {
    return [refuse('kustomization.yaml', 'it may list files under resources, nothing else')]
  }
  return parsed.data.resources
    .filter((path) => !paths.includes(path) || path === 'kustomization.yaml' || path === 'release.yaml')
    .map((path) => refuse('kustomization.yaml', `${path} is not a manifest of this folder`))
}

function releaseFaults(documents: readonly unknown[]): FieldError[] {
  const [release] = documents as { apiVersion?: unknown; kind?: unknown }[]
  const isRelease = documents.length === 1 && release?.apiVersion === 'fairway.dev/v1' && release.kind === 'Release'
  return isRelease ? [] : [refuse('release.yaml', 'it holds one Release of fairway.dev/v1')]
}

function refuse(path: string, message: string): FieldError {
  return { path, message }
}
