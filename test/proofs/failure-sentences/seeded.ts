import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FailureKind } from '#model/explanation.ts'
import type { Platform } from '#workflows/platform.ts'
import { readFolder } from '../../../testing/read-folder.ts'

/** One way in which a release fails, and the words without which a sentence does not name the cause. */
export interface Seeded {
  readonly name: string
  readonly kind: FailureKind
  readonly names: readonly string[]
  readonly write: Readonly<Record<string, string>>
  /** Breaks something outside the repository; gives what mends it. */
  readonly disturb?: (platform: Platform) => Promise<() => Promise<void>>
}

const skeleton = join(import.meta.dirname, '../../../testing/golden-path-tiny/skeleton')
const score = (readFolder(skeleton).get('score.yaml') ?? '').replace('${{ values.name | dump }}', 'shop')
const server = `import { createServer } from 'node:http'
const server = createServer((_, reply) => reply.end('one'))
server.listen(Number(process.env.PORT ?? 8080), '0.0.0.0')
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`
const build = `import { cpSync, mkdirSync } from 'node:fs'
mkdirSync('dist', { recursive: true })
cpSync('server.js', 'dist/server.js')
`
const pipeline = (steps: string) => `apiVersion: fairway.dev/v1
kind: Pipeline
spec:
  node: "24"
  steps:
${steps}    - name: build
      run: [node, build.js]
  output:
    folder: dist
    entry: [server.js]
`

/** The service as it works; every failure starts from it. */
export const intact: Readonly<Record<string, string>> = {
  'score.yaml': score,
  'server.js': server,
  'build.js': build,
  '.fairway/pipeline.yaml': pipeline(''),
}

const probed = (from: string, to: string) => {
  const at = score.indexOf('readinessProbe')
  return score.slice(0, at) + score.slice(at).replace(from, to)
}

/** The ten of the contract. */
export const seeded: readonly Seeded[] = [
  {
    name: 'wrong port',
    kind: 'wrong-port',
    names: ['shop', 'dev', 'port 9090', 'nothing listens'],
    write: { 'score.yaml': probed('port: 8080', 'port: 9090') },
  },
  {
    name: 'crash loop',
    kind: 'crash',
    names: ['shop', 'dev', 'crashes', 'no feature flags'],
    write: { 'server.js': `throw new Error('no feature flags for this region')\n` },
  },
  {
    name: 'probe path',
    kind: 'probe',
    names: ['shop', 'dev', 'GET /ready', '404'],
    write: {
      'server.js': server
        .replace("reply.end('one')", "{ reply.statusCode = request.url === '/' ? 200 : 404; reply.end() }")
        .replace('(_, reply)', '(request, reply)'),
      'score.yaml': probed('path: /', 'path: /ready'),
    },
  },
  {
    name: 'missing secret',
    kind: 'secret',
    names: ['db.password', 'dev'],
    write: {
      'score.yaml': `${score.replace('GREETING: hello', 'GREETING: hello\n      DATABASE_PASSWORD: ${resources.db.password}').trimEnd()}\nresources:\n  db: { type: secret }\n`,
    },
  },
  {
    name: 'denied image',
    kind: 'image',
    names: ['approved-image', 'docker.io/library/nginx', 'dev'],
    write: { 'score.yaml': score.replace('image: .', 'image: docker.io/library/nginx:latest') },
  },
  {
    name: 'out of memory',
    kind: 'memory',
    names: ['shop', 'dev', 'memory', '128 MiB'],
    write: {
      'server.js': `const kept = []\nsetInterval(() => kept.push(Buffer.alloc(40_000_000, 1)), 20)\n`,
    },
  },
  {
    name: 'failing test',
    kind: 'test',
    names: ['shop', 'the price has two decimals', "'1.0' !== '1.00'"],
    write: {
      'price.test.js': `import assert from 'node:assert/strict'\nimport { test } from 'node:test'\ntest('the price has two decimals', () => assert.equal((1).toFixed(1), '1.00'))\n`,
      '.fairway/pipeline.yaml': pipeline('    - name: test\n      run: [node, --test, price.test.js]\n'),
    },
  },
  {
    name: 'bad score.yaml',
    kind: 'score',
    names: ['score.yaml', 'targetPort'],
    write: { 'score.yaml': score.replace('targetPort: 8080', 'targetPort: eighty') },
  },
  {
    name: 'artefact store down',
    kind: 'artefacts',
    names: ['artefact store', 'Publish image'],
    write: {},
    disturb: async (platform) => {
      const store = join(dirname(platform.objects), 'artifacts')
      await rename(store, `${store}.away`)
      await writeFile(store, 'not a folder')
      return async () => {
        await rm(store, { recursive: true })
        await rename(`${store}.away`, store)
      }
    },
  },
  {
    name: 'no disk',
    kind: 'disk',
    names: ['disk', 'No space is left', 'Publish image'],
    write: {},
    disturb: async ({ ports: { ci } }) => {
      const { publish } = ci
      // The kernel's own answer where there is /dev/full: filling a disk of the machine is nobody's to do.
      ci.publish = async () => {
        await writeFile('/dev/full', 'one byte too many')
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      }
      return async () => void (ci.publish = publish)
    },
  },
]
