import { z } from 'zod'

const label = /^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/
const Label = z.string().regex(label, 'use 2 to 63 lower-case letters, digits and hyphens')
const annotation = /^([a-z0-9][a-z0-9.-]{0,251}[a-z0-9]\/)?[A-Za-z0-9][A-Za-z0-9._-]{0,61}[A-Za-z0-9]$/
const Port = z.int().min(1).max(65535)

// Annotations can command controllers (Argo CD hooks, injected sidecars): a workload describes, it does not command.
const reservedAnnotation = /^([a-z0-9.-]+\.)?(kubernetes\.io|k8s\.io|argoproj\.io|fluxcd\.io|fairway\.dev)\//

const Annotations = z.record(
  z
    .string()
    .regex(annotation, 'this is not a valid annotation name')
    .refine((name) => !reservedAnnotation.test(name), 'annotations with this prefix are the platform’s'),
  z.string(),
)

/** Absolute, without `..`: a mount may not wander. */
const Target = z
  .string()
  .regex(/^\/(?!.*(^|\/)\.\.(\/|$))[^:\0]*[^/:\0]$/, 'use an absolute path of a file, without .. and colon')
  .refine((target) => target !== '/tmp', '/tmp is a folder')

const Quantities = z.strictObject({
  memory: z
    .string()
    .regex(/^[1-9]\d*(K|M|G|T|Ki|Mi|Gi|Ti)?$/, 'write memory as 128Mi or 1Gi')
    .optional(),
  cpu: z
    .string()
    .regex(/^(\d+m|\d+(\.\d{1,3})?|\.\d{1,3})$/, 'write cpu as 250m, 0.5 or 2')
    .optional(),
})

const HttpGet = z.strictObject({
  host: z.string().min(1).optional(),
  scheme: z.enum(['HTTP', 'HTTPS']).optional(),
  path: z.string(),
  port: Port,
  httpHeaders: z
    .array(z.strictObject({ name: z.string().regex(/^[A-Za-z0-9_-]+$/), value: z.string().min(1) }))
    .optional(),
})

const Probe = z
  .strictObject({
    httpGet: HttpGet.optional(),
    exec: z.strictObject({ command: z.array(z.string()).min(1) }).optional(),
  })
  .refine((probe) => probe.httpGet || probe.exec, 'a probe needs httpGet or exec')
export type Probe = z.infer<typeof Probe>

const fileContent = {
  mode: z
    .string()
    .regex(/^0?[0-7]{3}$/, 'write the mode as "0644"')
    .optional(),
  content: z.string().optional(),
  binaryContent: z.base64().optional(),
  source: z.never('Fairway renders without the repository at hand; put the text under content').optional(),
  noExpand: z.boolean().optional(),
}
const ContainerFile = z.strictObject(fileContent).refine(hasOneContent, 'give either content or binaryContent')
const ListedFile = z
  .strictObject({ target: Target, ...fileContent })
  .refine(hasOneContent, 'give either content or binaryContent')
export type ContainerFile = z.infer<typeof ContainerFile>

const Container = z.strictObject({
  /** `.` is the image that the service's own pipeline built. */
  image: z.string().min(1).regex(/^\S+$/, 'an image name has no spaces'),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  variables: z
    .record(
      z
        .string()
        .regex(/^(?!FAIRWAY_)[A-Za-z_][A-Za-z0-9_.-]*$/, 'use letters, digits and _; FAIRWAY_… is the platform’s'),
      z.string(),
    )
    .default({}),
  // A list is the older form of Score v1b1; both mean the same.
  files: z.union([z.record(Target, ContainerFile), z.array(ListedFile)]).optional(),
  volumes: z.never('no resource type of Fairway gives a volume; /tmp can be written').optional(),
  resources: z.strictObject({ limits: Quantities.optional(), requests: Quantities.optional() }).optional(),
  livenessProbe: Probe.optional(),
  readinessProbe: Probe.optional(),
})
export type Container = z.infer<typeof Container>

const Resource = z.strictObject({
  type: z.string().min(2).max(63),
  class: z.string().optional(),
  id: z.string().optional(),
  metadata: z.looseObject({ annotations: Annotations.optional() }).optional(),
  params: z.record(z.string(), z.unknown()).default({}),
})
export type Resource = z.infer<typeof Resource>

/** score.yaml: Score v1b1 (https://docs.score.dev/docs/score-specification/score-spec-reference/), less what Fairway cannot render. */
export const Score = z.strictObject({
  apiVersion: z.literal('score.dev/v1b1'),
  metadata: z.looseObject({ name: Label, annotations: Annotations.default({}) }),
  service: z
    .strictObject({
      ports: z
        .record(
          Label,
          z.strictObject({ port: Port, protocol: z.enum(['TCP', 'UDP']).default('TCP'), targetPort: Port.optional() }),
        )
        .default({}),
    })
    .optional(),
  containers: z
    .record(Label, Container)
    .refine((all) => Object.keys(all).length > 0, 'at least one container is needed'),
  resources: z.record(Label, Resource).default({}),
})
export type Score = z.infer<typeof Score>

function hasOneContent(file: { content?: string | undefined; binaryContent?: string | undefined }): boolean {
  return (file.content === undefined) !== (file.binaryContent === undefined)
}
