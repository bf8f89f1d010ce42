import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { readYaml, readYamlAs } from '#lib/yaml/read-yaml.ts'
import { parseReleaseFile } from '#render/score/release-file.ts'
import { AnyObject, ConfigMapObject, DeploymentObject, Kustomization, ServiceObject } from './pod-schema.ts'
import { specOf } from './spec-of.ts'
import type { Desired, ManifestObject } from './workload-spec.ts'

export interface DeliveryFolder {
  readonly service: string
  readonly environment: string
  readonly commit: string
  /** Text by file name, relative to the folder. */
  readonly files: ReadonlyMap<string, string>
}

/** What a folder of the delivery repository asks for. A folder that cannot be read or run is a `problem`, never an exception. */
export function readFolder(folder: DeliveryFolder): Desired {
  const { service, environment, commit } = folder
  let objects: readonly ManifestObject[] = []
  let version: string | undefined
  try {
    const release = parseReleaseFile(required(folder, 'release.yaml'))
    version = release.version
    if (release.service !== service || release.environment !== environment)
      throw invalid(`release.yaml is of ${release.service} in ${release.environment}`)
    const listed = listedObjects(folder)
    objects = listed.map(describe)
    const spec = specOf(
      { service, environment, owner: release.owner, version: release.version },
      {
        deployment: one(listed, 'Deployment', DeploymentObject),
        service: all(listed, 'Service', ServiceObject)[0],
        configMaps: all(listed, 'ConfigMap', ConfigMapObject),
      },
    )
    return { service, environment, commit, version, spec, objects }
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    return { service, environment, commit, ...(version && { version }), problem: error.message, objects }
  }
}

function listedObjects(folder: DeliveryFolder): AnyObject[] {
  const source = { code: 'SETTINGS_INVALID', file: 'kustomization.yaml' } as const
  const { resources } = readYamlAs(required(folder, source.file), Kustomization, source).value
  return resources.flatMap((file) =>
    readYaml(required(folder, file), { code: 'SETTINGS_INVALID', file }).map(({ value }) =>
      parsed(AnyObject, value, file),
    ),
  )
}

function required({ files }: DeliveryFolder, file: string): string {
  const text = files.get(file)
  if (text === undefined) throw invalid(`${file} is missing`)
  return text
}

function one<T>(objects: readonly AnyObject[], kind: string, schema: z.ZodType<T>): T {
  const [first, ...others] = all(objects, kind, schema)
  if (first === undefined) throw invalid(`there is no ${kind}`)
  if (others.length > 0) throw invalid(`there is more than one ${kind}`)
  return first
}

function all<T>(objects: readonly AnyObject[], kind: string, schema: z.ZodType<T>): T[] {
  return objects
    .filter((object) => object.kind === kind)
    .map((object) => parsed(schema, object, `${kind} ${object.metadata.name}`))
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw invalid(`${what}, ${issue?.path.join('.') || 'document'}: ${issue?.message}`)
}

const enforcedKinds = new Set(['Deployment', 'Service', 'ConfigMap'])

function describe({ kind, metadata }: AnyObject): ManifestObject {
  const enforced = enforcedKinds.has(kind)
  return { kind, name: metadata.name, enforced, ...(!enforced && { note: noteOf(kind) }) }
}

function noteOf(kind: string): string {
  if (kind === 'NetworkPolicy') return 'not enforced here: workloads of this machine share its network'
  if (kind === 'ServiceAccount') return 'not enforced here: there is no Kubernetes API to protect'
  if (kind === 'PodDisruptionBudget') return 'not enforced here: there are no nodes to drain'
  return 'not enforced here'
}

function invalid(message: string): PlatformError {
  return new PlatformError('SETTINGS_INVALID', `the manifests cannot be read: ${message}`)
}
