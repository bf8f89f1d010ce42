import fc from 'fast-check'
import { stringify } from 'yaml'
import { Environment, ServiceEnvironment } from '#model/environment.ts'
import { parseScore } from '#render/score/parse-score.ts'
import type { ManifestRequest } from '#render/score/request.ts'
import { goldenPlatform } from './golden-paths.ts'
import { hostileText } from './hostile-text.ts'

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/)
const label = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}[a-z0-9]$/)
const port = fc.integer({ min: 1, max: 65_535 })
const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`))
/** Any text a variable can hold, its dollars escaped for Score. */
const text = hostileText()
  .filter((value) => value.isWellFormed())
  .map((value) => value.replaceAll('$', '$$$$'))
const quantities = fc.record(
  { cpu: fc.constantFrom('10m', '0.5', '2'), memory: fc.constantFrom('32Mi', '128M', '1Gi') },
  { requiredKeys: [] },
)
const httpGet = fc.record(
  { path: fc.constantFrom('/', '/healthz?x=1'), port, scheme: fc.constantFrom('HTTP', 'HTTPS') },
  { requiredKeys: ['path', 'port'] },
)
const probe = fc.oneof(
  httpGet.map((get) => ({ httpGet: get })),
  fc.array(text, { minLength: 1, maxLength: 3 }).map((command) => ({ exec: { command } })),
)
const file = fc.record({ content: text, mode: fc.constantFrom('0644', '400') }, { requiredKeys: ['content'] })
const container = fc.record(
  {
    image: fc.constantFrom('.', `fairway.local/x/y@sha256:${'1'.repeat(64)}`),
    command: fc.array(text, { maxLength: 3 }),
    args: fc.array(text, { maxLength: 3 }),
    variables: fc.dictionary(fc.stringMatching(/^[A-E_][A-Z0-9_]{0,12}$/), text, { maxKeys: 4 }),
    files: fc.dictionary(fc.stringMatching(/^\/etc\/[a-z]{1,5}\.[a-z]{1,3}$/), file, { maxKeys: 3 }),
    resources: fc.record({ limits: quantities }),
    livenessProbe: probe,
    readinessProbe: probe,
  },
  { requiredKeys: ['image'] },
)
const ports = fc
  .uniqueArray(fc.tuple(label, port, fc.option(port, { nil: undefined }), fc.constantFrom('TCP', 'UDP')), {
    selector: ([, value]) => value,
    maxLength: 3,
  })
  .map((all) =>
    Object.fromEntries(
      all.map(([key, value, targetPort, protocol]) => [
        key,
        { port: value, ...(targetPort && { targetPort }), protocol },
      ]),
    ),
  )
const resource = fc.oneof(
  fc.record({ type: fc.constant('service'), id: name, params: fc.record({ owner: name, port }, { requiredKeys: [] }) }),
  fc.record({ type: fc.constant('secret') }),
)

/** Any valid workload in any valid environment, score.yaml taken through the parser as text. */
export function arbitraryWorkload(): fc.Arbitrary<ManifestRequest & { scoreText: string }> {
  const score = fc.record({
    apiVersion: fc.constant('score.dev/v1b1'),
    metadata: fc.record({ name }),
    service: fc.record({ ports }),
    containers: fc.dictionary(label, container, { minKeys: 1, maxKeys: 3 }),
    resources: fc.dictionary(label, resource, { maxKeys: 3 }),
  })
  const facts = fc.record({
    owner: name,
    environment: fc.constantFrom('dev', 'staging', 'production'),
    replicas: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
    commit: hex(40),
    digest: hex(64),
    version: fc.constantFrom('1.2.3', '1.0.0-rc.1+build.5', '0.0.0-20260101000000-0e1234567890'),
    otlp: fc.boolean(),
    variables: fc.dictionary(fc.stringMatching(/^[G-Z][A-Z0-9_]{0,8}$/), text, { maxKeys: 3 }),
  })
  return fc
    .tuple(score, facts)
    .map(([written, { owner, environment, replicas, commit, digest, version, otlp, variables }]) => {
      const scoreText = stringify(written, { lineWidth: 0 })
      const image = `fairway.local/${owner}/${written.metadata.name}`
      return {
        scoreText,
        score: parseScore(scoreText),
        serviceEnvironment: ServiceEnvironment.parse({ variables, ...(replicas && { replicas }) }),
        environment: environmentNamed(environment),
        release: { service: written.metadata.name, owner, version, commit, digest: `sha256:${digest}`, image },
        platform: otlp ? goldenPlatform : { urlPattern: goldenPlatform.urlPattern },
      }
    })
}

export function environmentNamed(environment: string, replicas = 1): Environment {
  const resources = { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '500m', memory: '256Mi' } }
  return Environment.parse({
    apiVersion: 'fairway.dev/v1',
    kind: 'Environment',
    metadata: { name: environment },
    spec: { order: 1, defaults: { replicas, resources } },
  })
}
