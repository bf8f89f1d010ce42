import fc from 'fast-check'
import { parse } from 'yaml'
import type { Environment } from '#model/environment.ts'
import { renderManifests } from '#render/score/render-manifests.ts'
import { arbitraryWorkload } from '../../../testing/arbitrary-workload.ts'
import { type Json, someMutations } from './mutations.ts'

const shapes = ['Deployment', 'Pod', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'] as const

/** One object of a rendered workload of team-a in the environment, in the shape of any kind of workload, and then changed. */
export function arbitraryObject(environment: Environment): fc.Arbitrary<{ object: Json; mutated: readonly string[] }> {
  return fc
    .tuple(arbitraryWorkload(), fc.nat(), fc.constantFrom(...shapes), fc.integer({ min: 0, max: 3 }), someMutations)
    .map(([request, pick, shape, isWorkload, changes]) => {
      const owned = { ...request, environment, release: { ...request.release, owner: 'team-a' } }
      const objects = renderManifests(owned)
        .filter(({ path }) => path !== 'kustomization.yaml')
        .map(({ content }) => parse(content) as Json)
      const deployment = objects.find(({ kind }) => kind === 'Deployment') ?? {}
      const object = isWorkload > 0 ? reshaped(deployment, shape) : (objects[pick % objects.length] ?? deployment)
      for (const { change } of changes) change(object)
      return { object, mutated: changes.map(({ name }) => name) }
    })
}

/** The Deployment's pods under another controller. */
function reshaped(deployment: Json, kind: (typeof shapes)[number]): Json {
  if (kind === 'Deployment') return deployment
  const { metadata } = deployment as { metadata: Json }
  const { selector, template } = deployment['spec'] as { selector: Json; template: { metadata: Json; spec: Json } }
  const make = (apiVersion: string, spec: Json): Json => ({ apiVersion, kind, metadata, spec })
  const batch = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
  switch (kind) {
    case 'Pod':
      // An account that is not there would be refused before any rule is asked.
      return make('v1', { ...template.spec, serviceAccountName: 'default' })
    case 'StatefulSet':
      return make('apps/v1', { selector, template, replicas: 2, serviceName: 'shop' })
    case 'DaemonSet':
      return make('apps/v1', { selector, template })
    case 'ReplicaSet':
      return make('apps/v1', { selector, template, replicas: 2 })
    case 'Job':
      return make('batch/v1', { template: batch })
    case 'CronJob':
      return make('batch/v1', { schedule: '0 * * * *', jobTemplate: { spec: { template: batch } } })
  }
}
