import { inCluster } from '#render/score/in-cluster.ts'
import type { Runtime } from '../runtime.ts'
import type { UnpackedImage } from '../unpack-image.ts'
import type { InstanceRecord } from './record.ts'

interface EnvironmentRequest {
  readonly record: InstanceRecord
  readonly image: UnpackedImage
  /** The instance's own folder. */
  readonly own: string
  readonly token: string | undefined
}

/** The whole environment of a workload: the image's, the manifest's over it, and what differs on this machine. */
export async function workloadEnvironment(
  runtime: Runtime,
  { record, image, own, token }: EnvironmentRequest,
): Promise<Record<string, string>> {
  const { spec, ports } = record
  const env = new Map(image.env.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
  for (const { name, value } of spec.env) env.set(name, await onThisMachine(runtime, { name, value }, record))
  const secrets = spec.secretEnv.length > 0 ? await runtime.secrets.valuesOf(spec) : new Map<string, string>()
  for (const { name, secret } of spec.secretEnv) env.set(name, secrets.get(secret) ?? '')
  env.set('PATH', `${runtime.toolchain.bin}:/usr/bin:/bin`)
  env.set('HOME', own)
  env.set('TMPDIR', own)
  const [first] = spec.ports
  if (first !== undefined && !env.has('PORT')) env.set('PORT', String(ports[first] ?? first))
  // A machine of a developer is no container: what listens for everybody would be reachable from the network.
  if (!env.has('HOST')) env.set('HOST', '127.0.0.1')
  env.set(
    'OTEL_RESOURCE_ATTRIBUTES',
    [env.get('OTEL_RESOURCE_ATTRIBUTES'), `service.instance.id=${record.id}`].filter(Boolean).join(','),
  )
  const otlp = runtime.source()?.otlp
  if (otlp && token) {
    env.set('OTEL_EXPORTER_OTLP_ENDPOINT', otlp.endpoint)
    env.set('OTEL_EXPORTER_OTLP_HEADERS', `Authorization=${encodeURIComponent(`Bearer ${token}`)}`)
  }
  return Object.fromEntries(env)
}

// A cluster gives each pod an address of its own; here every process gets its own port instead.
async function onThisMachine(
  runtime: Runtime,
  { name, value }: { name: string; value: string },
  { spec, ports }: InstanceRecord,
): Promise<string> {
  if (/(^|_)PORT$/.test(name) && ports[value] !== undefined) return String(ports[value])
  const target = inCluster(value)
  if (!target) return value
  return `${await runtime.addressOf({ service: target.service, environment: spec.environment })}${target.rest}`
}
