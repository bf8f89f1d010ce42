import { z } from 'zod'
import { CredentialSource } from '#lib/credential.ts'

const Label = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/)

/** `spec.adapters.metrics` with `product: prometheus`; also Mimir, Thanos and others that answer as Prometheus does. */
export const PrometheusOptions = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** Bearer token of a gateway in front of it. */
  token: CredentialSource.optional(),
  /** Labels of every series that say whose it is: promoted resource attributes of the OTLP receiver. */
  labels: z
    .strictObject({
      service: Label.default('service_name'),
      environment: Label.default('deployment_environment_name'),
    })
    .prefault({}),
  /** Longest time between two exports of a workload. A rate is taken over at least two and a half of them. */
  exportSeconds: z.number().min(1).max(600).default(60),
  /** `platform`: what workloads send comes to Fairway, is stamped and passed on. `collector`: something else brings it. */
  writtenBy: z.enum(['platform', 'collector']).default('platform'),
  /** Each service gets a dashboard where its delivery is a cluster. Left out: none, and nothing speaks of Grafana. */
  grafana: z
    .strictObject({
      /** Where people open Grafana. */
      url: z.url({ protocol: /^https?$/ }),
      /** As a ConfigMap that Grafana's side car looks for; no other form is known. */
      dashboards: z.literal('configmap').default('configmap'),
      /** uid of this Prometheus as a data source there; left out: Grafana's first one. */
      dataSource: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,40}$/, 'is the uid of a data source')
        .optional(),
    })
    .optional(),
  /** Each service gets alert rules where its delivery is a cluster. `prometheus-rule` says that the cluster has this kind. */
  alertRules: z.enum(['configmap', 'prometheus-rule']).optional(),
})
export type PrometheusOptions = z.infer<typeof PrometheusOptions>
