import { Name } from '#model/names.ts'
import type { FieldIssue } from '#lib/yaml/read-yaml.ts'
import type { Resource, Score } from './schema.ts'

export const supportedResources = ['service', 'secret'] as const

/** Another service that this one calls. */
export interface ServiceDependency {
  readonly service: string
  /** The owning team, when it is another. */
  readonly owner: string | undefined
  readonly port: number
}

const serviceKeys = ['url', 'host', 'port', 'name']
const secretName = /^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/
const secretKey = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/

/** What is wrong with the resources of a workload, their types and parameters. */
export function resourceIssues(score: Score): FieldIssue[] {
  return Object.entries(score.resources).flatMap(([name, resource]) => {
    const path = ['resources', name]
    if (resource.type === 'service') return serviceIssues(resource, name, path)
    if (resource.type !== 'secret') {
      const message = `Fairway has no resource type ${resource.type}; it supports ${supportedResources.join(' and ')}`
      return [{ path: [...path, 'type'], message }]
    }
    const unknown = Object.keys(resource.params).map((key) => ({
      path: [...path, 'params', key],
      message: 'a secret takes no parameters; its keys are those that ${resources.…} names',
    }))
    if (secretName.test(resource.id ?? name)) return unknown
    return [...unknown, { path: [...path, 'id'], message: 'use 2 to 63 lower-case letters, digits and hyphens' }]
  })
}

/** Why `${resources.…}` cannot be resolved; undefined when it can. */
export function referenceProblem(score: Score, [name, key, ...rest]: readonly string[]): string | undefined {
  const resource = name !== undefined && Object.hasOwn(score.resources, name) ? score.resources[name] : undefined
  if (!resource) return `there is no resource named ${name ?? ''}`
  if (key === undefined || rest.length > 0) return 'write it as ${resources.<name>.<key>}'
  if (resource.type === 'service' && !serviceKeys.includes(key)) return `a service gives ${serviceKeys.join(', ')}`
  if (resource.type === 'secret' && !secretKey.test(key)) return 'this is not a key of a Secret'
  return undefined
}

/** Resources of type `service`, in order, each target once. */
export function serviceDependencies(score: Score): ServiceDependency[] {
  const all = Object.entries(score.resources)
    .filter(([, { type }]) => type === 'service')
    .map(([name, resource]) => dependencyOf(resource, name))
  return all.filter((one, index) => all.findIndex(({ service }) => service === one.service) === index)
}

export function dependencyOf(resource: Resource, name: string): ServiceDependency {
  const { owner, port } = resource.params as { owner?: string; port?: number }
  return { service: resource.id ?? name, owner, port: port ?? 80 }
}

function serviceIssues(resource: Resource, name: string, path: readonly string[]): FieldIssue[] {
  const { owner, port, ...others } = resource.params
  const issues: FieldIssue[] = Object.keys(others).map((key) => ({
    path: [...path, 'params', key],
    message: 'a service takes the parameters owner and port',
  }))
  if (!Name.safeParse(resource.id ?? name).success) {
    issues.push({ path: resource.id ? [...path, 'id'] : path, message: 'this is not the name of a service' })
  }
  if (owner !== undefined && !Name.safeParse(owner).success) {
    issues.push({ path: [...path, 'params', 'owner'], message: 'this is not the name of a team' })
  }
  if (port !== undefined && !(Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65535)) {
    issues.push({ path: [...path, 'params', 'port'], message: 'a port is a number from 1 to 65535' })
  }
  return issues
}
