import { z } from 'zod'

const Port = z.union([z.int().min(1).max(65_535), z.string()])
const Header = z.object({ name: z.string(), value: z.string() })

const Probe = z.looseObject({
  httpGet: z
    .looseObject({
      path: z.string().default('/'),
      port: Port,
      scheme: z.string().default('HTTP'),
      httpHeaders: z.array(Header).default([]),
    })
    .optional(),
  tcpSocket: z.looseObject({ port: Port }).optional(),
  exec: z.looseObject({ command: z.array(z.string()).min(1) }).optional(),
  initialDelaySeconds: z.number().min(0).default(0),
  periodSeconds: z.number().min(1).default(10),
  timeoutSeconds: z.number().min(1).default(1),
  failureThreshold: z.int().min(1).default(3),
})
export type PodProbe = z.infer<typeof Probe>

const KeyReference = z.looseObject({ name: z.string(), key: z.string(), optional: z.boolean().default(false) })
const Variable = z.looseObject({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .looseObject({ secretKeyRef: KeyReference.optional(), configMapKeyRef: KeyReference.optional() })
    .optional(),
})
export type PodVariable = z.infer<typeof Variable>

const Container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  workingDir: z.string().optional(),
  env: z.array(Variable).default([]),
  envFrom: z.array(z.unknown()).default([]),
  ports: z
    .array(z.looseObject({ name: z.string().optional(), containerPort: z.int(), protocol: z.string().default('TCP') }))
    .default([]),
  resources: z
    .looseObject({ limits: z.record(z.string(), z.union([z.string(), z.number()])).default({}) })
    .default({ limits: {} }),
  readinessProbe: Probe.optional(),
  livenessProbe: Probe.optional(),
  volumeMounts: z
    .array(z.looseObject({ name: z.string(), mountPath: z.string(), subPath: z.string().optional() }))
    .default([]),
})
export type PodContainer = z.infer<typeof Container>

const Volume = z.looseObject({
  name: z.string(),
  emptyDir: z.unknown().optional(),
  configMap: z
    .looseObject({
      name: z.string(),
      items: z.array(z.looseObject({ key: z.string(), path: z.string(), mode: z.int().optional() })).optional(),
    })
    .optional(),
  secret: z
    .looseObject({
      secretName: z.string(),
      items: z.array(z.looseObject({ key: z.string(), path: z.string(), mode: z.int().optional() })).optional(),
    })
    .optional(),
})
export type PodVolume = z.infer<typeof Volume>

const Metadata = z.looseObject({
  name: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
})

/** Any Kubernetes object, as far as every kind has it. */
export const AnyObject = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: Metadata })
export type AnyObject = z.infer<typeof AnyObject>

/** The parts of a Deployment that the agent acts on. */
export const DeploymentObject = z.looseObject({
  metadata: Metadata,
  spec: z.looseObject({
    replicas: z.int().min(0).max(100).default(1),
    progressDeadlineSeconds: z.int().min(1).default(60),
    template: z.looseObject({
      spec: z.looseObject({
        terminationGracePeriodSeconds: z.int().min(0).default(30),
        containers: z.array(Container).min(1),
        initContainers: z.array(z.unknown()).default([]),
        volumes: z.array(Volume).default([]),
      }),
    }),
  }),
})
export type DeploymentObject = z.infer<typeof DeploymentObject>

export const ServiceObject = z.looseObject({
  metadata: Metadata,
  spec: z.looseObject({ ports: z.array(z.looseObject({ port: z.int(), targetPort: Port.optional() })).default([]) }),
})
export type ServiceObject = z.infer<typeof ServiceObject>

export const ConfigMapObject = z.looseObject({
  metadata: Metadata,
  data: z.record(z.string(), z.string()).default({}),
  binaryData: z.record(z.string(), z.string()).default({}),
})
export type ConfigMapObject = z.infer<typeof ConfigMapObject>

export const Kustomization = z.looseObject({ resources: z.array(z.string()).default([]) })
