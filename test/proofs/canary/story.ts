import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { commitTree } from '#lib/git/commits.ts'
import { fetchRefs, pushRefs } from '#lib/git/remote.ts'
import { openWorkRepository } from '#lib/git/repository.ts'
import { editTree, treeOf } from '#lib/git/trees.ts'
import { releaseRunId } from '#services/start-run.ts'
import type { TestPlatform } from '../../../testing/start-platform.ts'
import { waitUntil } from '../../../testing/wait-until.ts'

export const service = 'canary'

/** Requests as a person sends them; every answer is kept for the search. */
export function asker({ url }: Pick<TestPlatform, 'url'>, answers: string[]) {
  return async (path: string, { token, json, text, method }: Asked = {}) => {
    const body = text ?? (json === undefined ? undefined : JSON.stringify(json))
    const reply = await fetch(`${url}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
    })
    const said = await reply.text()
    answers.push(`${path} ${said}`)
    return { status: reply.status, said }
  }
}

export interface Asked {
  readonly token?: string
  readonly json?: unknown
  readonly text?: string
  readonly method?: string
}
export type Ask = ReturnType<typeof asker>

export async function ended(ask: Ask, token: string, run: string): Promise<{ state: string; code?: string }> {
  const read = async () => {
    const { said } = await ask(`/api/v1/runs/${run}`, { token })
    const parsed = JSON.parse(said) as {
      state?: string
      run?: { state: string; error?: { code: string } }
      error?: { code: string }
    }
    const found = parsed.run ?? parsed
    return ['succeeded', 'failed'].includes(found.state ?? '')
      ? { state: found.state ?? '', ...(found.error && { code: found.error.code }) }
      : undefined
  }
  return waitUntil(read, { what: `run ${run} to end`, ms: 120_000 })
}

/** A commit on main by dev; gives the run that it starts. */
export async function push(platform: TestPlatform, token: string, write: Record<string, string>): Promise<string> {
  const repo = await openWorkRepository(join(platform.data, '../scratch.git'))
  const url = `http://127.0.0.1:${platform.port}/git/team-a/${service}.git`
  const remote = { url, username: 'dev', password: token, loopback: true }
  const [parent] = await fetchRefs(repo, remote, [{ from: 'refs/heads/main', to: 'refs/heads/main' }])
  const baseTree = parent && (await treeOf(repo, parent))
  if (!parent || !baseTree) throw new Error('there is no main')
  const files = Object.entries(write).map(([path, content]) => ({ path, content }))
  const tree = await editTree(repo, { baseTree, write: files })
  const author = { name: 'Dev', email: 'dev@example.com' }
  const commit = await commitTree(repo, { tree, parents: [parent], message: 'Change', author, at: new Date() })
  await pushRefs(repo, remote, [{ commit, to: 'refs/heads/main' }])
  return releaseRunId(service, commit)
}

/** The real command line, with the value on its standard input and every word it says kept. */
export function setByCommand(
  platform: TestPlatform,
  { value, argv }: { value: string; argv: string[] },
): Promise<string> {
  return new Promise((resolve) => {
    const program = join(import.meta.dirname, '../../../fairway')
    const child = execFile(program, argv, { env: platform.env, cwd: '/' }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    )
    child.stdin?.end(`${value}\n`)
  })
}

/** Says its secret wherever a program can: both outputs, in all encodings, in two pieces, in a span, in an answer, and at last in its end. */
export const leakyServer = `
import { createServer } from 'node:http'

const secret = process.env.CANARY ?? ''
const bytes = Buffer.from(secret)
for (const text of [secret, bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex'), encodeURIComponent(secret), JSON.stringify(secret)]) {
  console.log('I say ' + text)
  console.error(JSON.stringify({ level: 'error', msg: 'I log ' + text, field: text }))
}
console.log(Buffer.from('user:' + secret + '@host').toString('base64'))
process.stdout.write('in two ' + secret.slice(0, 9))
setTimeout(() => process.stdout.write(secret.slice(9) + ' pieces\\n'), 400)
const now = String(BigInt(Date.now()) * 1000000n)
const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 'GET /' + secret, kind: 2, startTimeUnixNano: now, endTimeUnixNano: now, attributes: [{ key: 'password', value: { stringValue: secret } }] }
const [name, token] = decodeURIComponent(process.env.OTEL_EXPORTER_OTLP_HEADERS ?? '=').split(/=(.*)/s)
fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces', {
  method: 'POST',
  headers: { 'content-type': 'application/json', [name]: token },
  body: JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans: [span] }] }] }),
}).then((reply) => console.log('span ' + reply.status), (error) => console.log('no span: ' + error.message))
const server = createServer((request, reply) => {
  if (request.url === '/end') throw new Error('ended with ' + secret)
  reply.end('one')
})
server.listen(Number(process.env.PORT ?? 8080), '0.0.0.0')
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`

export const score = `apiVersion: score.dev/v1b1
metadata:
  name: ${service}
service:
  ports:
    www: { port: 80, targetPort: 8080 }
containers:
  app:
    image: .
    variables:
      CANARY: \${resources.db.password}
    livenessProbe: { httpGet: { path: /, port: 8080 } }
    readinessProbe: { httpGet: { path: /, port: 8080 } }
    resources:
      requests: { cpu: 50m, memory: 64Mi }
      limits: { cpu: 500m, memory: 128Mi }
resources:
  db: { type: secret }
`
