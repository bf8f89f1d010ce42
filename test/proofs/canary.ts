import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { detectIsolation } from '#lib/isolation.ts'
import { openWorkRoot } from '#lib/work-root.ts'
import { workloadToken } from '#lib/workload-token.ts'
import { allRoutes } from '../../src/api/contract/all.ts'
import { callService, fairway, tokenOf } from '../../testing/cli.ts'
import { preparePlatform, type TestPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { searchDatabase, searchFiles, searchGit, watchProcesses } from './canary/places.ts'
import { type Canary, encodings, searcher } from './canary/searcher.ts'
import { type Ask, asker, ended, leakyServer, push, score, service, setByCommand } from './canary/story.ts'

/** Rounds of rotation; each brings a canary of its own. */
export const small = 1
export const usual = 5

/**
 * One canary per class of credential lives through a service's life on a real platform: missing, set, printed in every
 * encoding, rotated, promoted, crashed with, a failing build that prints its environment, refused requests, every GET
 * route, the live stream. Holds when none is found in the database, in Git, in files, answers, arguments or foreign
 * environments, and when the search finds what is planted for it.
 */
export async function prove({ seed, size }: { seed: number; size: number }): Promise<{
  holds: boolean
  figures: Record<string, unknown>
}> {
  const platform = await preparePlatform([join(import.meta.dirname, 'crash-grid/control-plane.ts')])
  try {
    await platform.start()
    const values = Array.from({ length: size + 1 }, () => `canary "${seed}"/+ä ${randomBytes(12).toString('hex')}`)
    const tokens = { dev: await tokenOf(platform, 'dev'), auditor: await tokenOf(platform, 'auditor') }
    const canaries = await credentials(platform, { values, tokens })
    const searching = searcher(canaries)
    const stop = watchProcesses(searching, (environ, leak) => {
      const isWorkload = environ.includes(`FAIRWAY_SERVICE=${service}`)
      // how Git itself is given a password without an argument
      const isGit = environ.includes('GIT_CONFIG_') && /^(agent-git-key|session token) /.test(leak)
      return isGit || (isWorkload && leak.startsWith('workload '))
    })
    const answers: string[] = []
    const faults = await live(platform, { values, token: tokens.dev, auditor: tokens.auditor, answers })
    const processes = await stop()
    const found = await searchAll(platform, searching)
    const said = answers.flatMap((answer) =>
      searching.search(Buffer.from(answer)).map((leak) => `${answer.slice(0, 60)}: ${leak}`),
    )
    const leaks = [...processes.leaks, ...found.leaks, ...said]
    const planted = await plant(platform, canaries[0] as Canary)
    for (const line of [...faults, ...leaks.slice(0, 40), ...planted.missed]) console.error(line)
    if (faults.length > 0) console.error(await platform.words())
    const figures = {
      classes: canaries.length,
      answers: answers.length,
      looksAtProcesses: processes.looks,
      files: found.files,
      repositories: found.repositories,
      leaks: leaks.length,
      faults,
      plantedFound: planted.found,
    }
    const isWhole = processes.looks > 0 && found.files > 20 && found.repositories >= 4 && answers.length > 50
    return { holds: leaks.length + faults.length + planted.missed.length === 0 && isWhole, figures }
  } finally {
    await platform.remove()
  }
}

/** Every credential that the product makes, as it lies in its home, and the values that people set. */
async function credentials(
  { data }: TestPlatform,
  { values, tokens }: { values: readonly string[]; tokens: { dev: string; auditor: string } },
): Promise<Canary[]> {
  const file = async (name: string) => (await readFile(join(data, name), 'utf8')).trim()
  const names = [
    'login-key',
    'agent-git-key',
    'agent-secrets-key',
    'otlp-secret',
    'vault-key',
    'audit-key',
    'image-key',
  ]
  const files = await Promise.all(
    [...names, 'postgres/cluster/password'].map(async (name) => ({ name, value: await file(name) })),
  )
  const json = async (name: string) => JSON.parse(await file(name)) as Record<string, string>
  const otlp = (await file('otlp-secret')) ?? ''
  const sealing = () => json('agent/secrets/sealing-key.json').catch(() => undefined)
  const own = await waitUntil(sealing, { what: 'the agent to have its key' })
  return [
    ...values.map((value, index) => ({ name: `workload secret ${index + 1}`, value })),
    { name: 'workload token', value: workloadToken(otlp, { service, environment: 'dev', owner: 'team-a' }) },
    ...files,
    { name: 'agent token', value: (await json('agent.json'))['token'] ?? '' },
    { name: 'agent sealing key', value: own['key'] ?? '' },
    { name: 'session token', value: tokens.dev },
    { name: 'another session token', value: tokens.auditor },
  ].filter(({ value }) => value.length >= 16)
}

interface Life {
  readonly values: readonly string[]
  readonly token: string
  readonly auditor: string
  readonly answers: string[]
}

/** Gives what did not happen as it should: a story that breaks off proves nothing. */
async function live(platform: TestPlatform, { values, token, auditor, answers }: Life): Promise<string[]> {
  const ask = asker(platform, answers)
  const stopListening = listen(platform, token, answers)
  const faults: string[] = []
  const expect = async (run: string, wanted: string) => {
    const { state, code } = await ended(ask, token, run)
    if (wanted !== (code ?? state)) faults.push(`run ${run} was to end with ${wanted}, it ended with ${code ?? state}`)
  }
  const path = `/api/v1/services/${service}`
  const runOf = ({ said }: { said: string }) => (JSON.parse(said) as { run?: { id: string } }).run?.id ?? said
  const create = { template: 'tiny', name: service, owner: 'team-a', values: {} }
  await expect(runOf(await ask('/api/v1/services', { token, json: create })), 'succeeded')
  const asksFor = await push(platform, token, { 'score.yaml': score, 'server.js': leakyServer })
  await expect(asksFor, 'SECRET_MISSING')
  const [first = '', ...later] = values
  await refused(ask, token, first)
  const secret = { environment: 'dev', name: 'db.password', value: first }
  const { status } = await ask(`${path}/secrets`, { token, json: secret })
  if (status !== 201) faults.push(`setting the secret gave ${status}`)
  await ask(`/api/v1/runs/${asksFor}/retry`, { token, json: {} })
  await expect(asksFor, 'succeeded')
  if (faults.length > 0) return faults
  const before = await waitUntil(() => runsWith(ask, token), { what: 'a version to run', ms: 60_000 })
  for (const [index, value] of later.entries()) {
    await fairway(platform, ['login', '--as', 'dev'])
    const argv = ['secret', 'rotate', 'db.password', '--service', service, '--env', 'dev']
    answers.push(`command: ${await setByCommand(platform, { value, argv })}`)
    await waitUntil(async () => (await runsWith(ask, token)) === before + index + 1, {
      what: 'the rotation',
      ms: 60_000,
    })
  }
  await waitUntil(
    async () => (await ask(`${path}/logs?environment=dev&limit=200`, { token })).said.includes('span 200'),
    {
      what: 'the span to be taken',
      ms: 30_000,
    },
  )
  await callService(platform, { service, environment: 'dev', path: '/end' }).catch(() => undefined)
  await expect(runOf(await ask(`${path}/promotions`, { token, json: { to: 'staging' } })), 'SECRET_MISSING')
  const printing = `console.log(JSON.stringify(process.env)); process.exit(1)`
  await expect(await push(platform, token, { 'build.js': printing }), 'PIPELINE_FAILED')
  await readEverything(ask, { tokens: [token, auditor], run: asksFor })
  await stopListening()
  return faults
}

/** Requests that are refused with the value in them. */
async function refused(ask: Ask, token: string, value: string): Promise<void> {
  const path = `/api/v1/services/${service}/secrets`
  const good = { environment: 'dev', name: 'db.password', value }
  await ask(path, { token, json: { ...good, environment: 'nowhere' } })
  await ask(path, { token, json: { ...good, name: value } })
  await ask(path, { token, json: { ...good, [value]: value } }) // taken: what it does not know is left out
  await ask(path, { token, json: { ...good, value: { value } } })
  await ask(path, { token, json: { ...good, rotate: true } })
  await ask(path, { token, json: { ...good, value: value.repeat(2_000) } })
  await ask(path, { token, text: `{"value": ${JSON.stringify(value)}, oops` })
  await ask(path, { json: good })
  await ask('/agent/secrets/values', { token, json: good })
}

/** The version that serves in dev. */
async function runsWith(ask: Ask, token: string): Promise<number | undefined> {
  const { said } = await ask(`/api/v1/services/${service}/secrets?environment=dev`, { token })
  return (JSON.parse(said) as { items: { running?: number }[] }).items[0]?.running
}

/** Every GET route of the contract, as each person. */
async function readEverything(ask: Ask, { tokens, run }: { tokens: readonly string[]; run: string }): Promise<void> {
  const known: Record<string, string> = { name: service, id: run, owner: 'fairway', repo: 'delivery', number: '1' }
  const more = { kind: 'component', namespace: 'default', traceId: 'a'.repeat(32), environment: 'dev' }
  const filled = (path: string) =>
    path.replaceAll(/:(\w+)/g, (_, key: string) => ({ ...more, ...known })[key] ?? 'unknown')
  for (const token of tokens)
    for (const { path } of allRoutes.filter(({ method }) => method === 'GET')) {
      await ask(filled(path), { token })
      await ask(`${filled(path)}?environment=dev&to=staging&limit=200`, { token })
    }
}

/** Keeps the live stream, in one piece, among the answers. */
function listen({ url }: TestPlatform, token: string, answers: string[]): () => Promise<void> {
  const stop = new AbortController()
  let heard = ''
  const hearing = (async () => {
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
    const reply = await fetch(`${url}/api/v1/events`, { headers, signal: stop.signal })
    for await (const chunk of reply.body ?? []) heard += Buffer.from(chunk).toString('utf8')
  })().catch(() => undefined)
  return async () => {
    stop.abort()
    await hearing
    answers.push(`/api/v1/events ${heard}`)
  }
}

async function searchAll({ data }: TestPlatform, searching: ReturnType<typeof searcher>) {
  const work = await openWorkRoot(data, await detectIsolation({ place: data }))
  const [database, git] = [await searchDatabase(data, searching), await searchGit(data, searching)]
  // Output that a crash just left is covered at the shipper's next turn.
  let last = await searchFiles(data, searching)
  await waitUntil(async () => (last = await searchFiles(data, searching)).leaks.length === 0, {
    what: 'the files to be clean',
    ms: 5_000,
  }).catch(() => undefined)
  const worked = work.path.startsWith(data) ? { leaks: [], files: 0 } : await searchFiles(work.path, searching)
  return {
    leaks: [...database, ...git.leaks, ...last.leaks, ...worked.leaks],
    files: last.files + worked.files,
    repositories: git.repositories,
  }
}

/** A search that finds nothing proves nothing: it must find the canary in each encoding, and in a file that was planted. */
async function plant({ data }: TestPlatform, canary: Canary): Promise<{ found: number; missed: string[] }> {
  const searching = searcher([canary])
  const missed: string[] = []
  let found = 0
  for (const [encoding, forms] of Object.entries(encodings(canary.value))) {
    await writeFile(join(data, 'planted.log'), `before ${forms.at(-1)} after`)
    const { leaks } = await searchFiles(data, searching)
    const isFound = leaks.some((leak) => leak.startsWith('file planted.log'))
    if (isFound) found++
    else missed.push(`the search misses a canary that is planted as ${encoding}`)
  }
  return { found, missed }
}
