import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect } from './connection.ts'

test('a kubeconfig that starts a program for its credential is refused, and nothing is started', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-kubeconfig-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const mark = join(folder, 'started')
  const users = [
    { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch', args: [mark] } },
    { 'auth-provider': { name: 'gcp', config: { 'cmd-path': 'touch', 'cmd-args': mark } } },
  ]
  for (const user of users) {
    const kubeconfig = join(folder, 'kubeconfig')
    await writeFile(kubeconfig, JSON.stringify(configOf(user)), { mode: 0o600 })

    const answer = connect({ kubeconfig }).open({ method: 'GET', path: '/api' }, AbortSignal.timeout(5_000))

    await assert.rejects(answer, { code: 'CLUSTER_UNAUTHORISED', message: /from a program/ })
    assert.equal(existsSync(mark), false)
  }
})

test('in a pod the token of its service account is used: what is missing then is the cluster, not the right', async (t) => {
  const podRoot = await mkdtemp(join(tmpdir(), 'fairway-pod-'))
  t.after(() => rm(podRoot, { recursive: true, force: true }))
  const folder = join(podRoot, 'var/run/secrets/kubernetes.io/serviceaccount')
  await mkdir(folder, { recursive: true })
  for (const name of ['token', 'ca.crt', 'namespace']) await writeFile(join(folder, name), 'x')
  const around = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '9' } // nobody listens there
  Object.assign(process.env, around)
  t.after(() => Object.keys(around).forEach((name) => delete process.env[name]))

  const answer = connect({ podRoot }).open({ method: 'GET', path: '/api' }, AbortSignal.timeout(5_000))

  await assert.rejects(answer, { code: 'CLUSTER_UNREACHABLE' })
})

function configOf(user: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'here', cluster: { server: 'https://127.0.0.1:9' } }],
    users: [{ name: 'we', user }],
    contexts: [{ name: 'usual', context: { cluster: 'here', user: 'we' } }],
    'current-context': 'usual',
  }
}
