import { z } from 'zod'
import { expandReferences } from '#lib/expand-references.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import type { RenderedFile } from '#render/rendered-file.ts'
import { secretObjectName } from '#render/score/secrets.ts'

const Reference = z.looseObject({ name: z.string(), key: z.string(), optional: z.boolean().default(false) })
const Container = z.looseObject({
  image: z.string(),
  env: z
    .array(
      z.looseObject({
        name: z.string(),
        value: z.string().optional(),
        valueFrom: z
          .looseObject({ secretKeyRef: Reference.optional(), configMapKeyRef: Reference.optional() })
          .optional(),
      }),
    )
    .default([]),
  envFrom: z.array(z.unknown()).default([]),
  ports: z.array(z.looseObject({ containerPort: z.int() })).default([]),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).default([]),
})
const Deployment = z.looseObject({
  kind: z.literal('Deployment'),
  spec: z.looseObject({
    template: z.looseObject({ spec: z.looseObject({ containers: z.array(Container).min(1) }) }),
  }),
})
const ConfigMap = z.looseObject({
  kind: z.literal('ConfigMap'),
  metadata: z.looseObject({ name: z.string() }),
  data: z.record(z.string(), z.string()).default({}),
})

/** What the container of a service is given; references to secrets by name, values of none. */
export interface ContainerSettings {
  readonly port: number | undefined
  readonly variables: readonly { readonly name: string; readonly value: string }[]
  readonly secrets: readonly { readonly variable: string; readonly secret: string }[]
  /** What a process outside a container does not get, in words. */
  readonly left: readonly string[]
}

/** Reads the container that runs the service's own image from its rendered manifests. Undefined when there is none. */
export function containerSettings(
  files: readonly RenderedFile[],
  { service, image }: { service: string; image: string },
): ContainerSettings | undefined {
  const objects = files.flatMap(({ path, content }) =>
    readYaml(content, { code: 'SETTINGS_INVALID', file: path }).map(({ value }) => value),
  )
  const containers = objects.flatMap((object) => Deployment.safeParse(object).data?.spec.template.spec.containers ?? [])
  const container = containers.find((one) => one.image.startsWith(image)) ?? containers[0]
  if (!container) return undefined
  const maps = new Map(
    objects.flatMap((object) => {
      const map = ConfigMap.safeParse(object).data
      return map ? [[map.metadata.name, map.data] as const] : []
    }),
  )
  const known = new Map<string, string>()
  const secrets: { variable: string; secret: string }[] = []
  for (const { name, value, valueFrom } of container.env) {
    const { secretKeyRef: secret, configMapKeyRef: entry } = valueFrom ?? {}
    const text = entry ? maps.get(entry.name)?.[entry.key] : value
    if (secret && !secret.optional) secrets.push({ variable: name, secret: secretNameOf(service, secret) })
    else if (text !== undefined) known.set(name, entry ? text : expandReferences(text, known))
  }
  const mounts = container.volumeMounts.filter(({ mountPath }) => mountPath !== '/tmp')
  return {
    port: container.ports[0]?.containerPort,
    variables: [...known].map(([name, value]) => ({ name, value })),
    secrets,
    left: [
      ...mounts.map(({ mountPath }) => `${mountPath} is mounted in a container only`),
      ...(container.envFrom.length > 0 ? ['variables from envFrom are left out'] : []),
      ...(containers.length > 1 ? ['only the container that runs the service’s own image is started'] : []),
    ],
  }
}

// Another service's Secret keeps its whole name, under which this service has set nothing.
function secretNameOf(service: string, { name, key }: { name: string; key: string }): string {
  const prefix = secretObjectName(service, '')
  return `${name.startsWith(prefix) ? name.slice(prefix.length) : name}.${key}`
}
