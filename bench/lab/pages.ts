import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { commitSigner } from '#lib/git/commit-signature.ts'
import { commitTree, resolve, updateRef } from '#lib/git/commits.ts'
import { editTree, readTree, treeOf } from '#lib/git/trees.ts'
import { workloadToken } from '#lib/workload-token.ts'
import { logsRequest } from '#ports/otlp-samples.ts'
import { findChromium, openBrowser } from '../../testing/browser.ts'
import { fairway, tokenOf } from '../../testing/cli.ts'
import { labConfig } from '../../testing/lab-config.ts'
import { preparePlatform, type StartConfig, type TestPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import type { Figure } from '../../tools/bench.ts'

const lines = 10_000
const deployments = 200
const service = `large-${Date.now().toString(36)}` // Loki keeps the lines of earlier runs
const repeats = 10

/** API and pages of a service with 10,000 log lines and 200 deployments: kept here, and with its log in Loki. */
export async function largeServicePages(): Promise<readonly Figure[]> {
  const figures = await measured('local')
  const loki = await labConfig(['loki'])
  return loki.skip ? figures : [...figures, ...(await measured('Loki', loki))]
}

async function measured(where: string, config?: StartConfig): Promise<Figure[]> {
  const platform = await preparePlatform(undefined, config)
  try {
    await platform.start()
    await command(platform, ['login', '--as', 'dev'])
    await command(platform, ['new', '--template', 'http-api', '--name', service, '--owner', 'team-a', '--wait'])
    await deployAgain(platform)
    await writeLines(platform)
    const figures = [...(await askApi(platform)), ...(await openPages(platform))]
    return figures.map(({ name, ...rest }) => ({ name: `${name}, log in ${where}`, ...rest }))
  } finally {
    await platform.remove()
  }
}

/** Signed commits of the place in the delivery repository, as an import of a history writes them: each a release of its own, the last one as the first. */
async function deployAgain({ data }: TestPlatform): Promise<void> {
  const repo = { dir: join(data, 'git/fairway/delivery.git') }
  const signer = commitSigner((await readFile(join(data, 'audit-key'), 'utf8')).trim())
  const place = `envs/dev/${service}`
  const path = `${place}/release.yaml`
  const first = (await resolve(repo, 'main')) ?? ''
  const own = (await readTree(repo, first)).find((file) => file.path === path)?.content ?? ''
  let parent = first
  for (let at = 1; at < deployments; at++) {
    const content = at === deployments - 1 ? own : own.replace(/^version: .*$/m, `version: 1.0.${at}`)
    const tree = await editTree(repo, { baseTree: (await treeOf(repo, parent)) ?? '', write: [{ path, content }] })
    parent = await commitTree(repo, {
      tree,
      parents: [parent],
      message: `Deploy ${service} 1.0.${at}\n\nRun-Id: rimport${String(at).padStart(4, '0')}\nRequested-by: dev\n`,
      author: { name: 'Fairway', email: 'fairway@fairway.local' },
      at: new Date(Date.now() - (deployments - at) * 1_000).toISOString(),
      signer,
    })
  }
  await updateRef(repo, { ref: 'refs/heads/main', to: parent, from: first })
}

async function writeLines({ data, url }: TestPlatform): Promise<void> {
  const secret = (await readFile(join(data, 'otlp-secret'), 'utf8')).trim()
  const token = workloadToken(secret, { service, environment: 'dev', owner: 'team-a' })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  for (let from = 0; from < lines; from += 500) {
    const batch = Array.from({ length: 500 }, (_, at) => ({
      text: `GET /items/${from + at} answered in ${(from + at) % 89} ms`,
      severity: at % 100 === 0 ? 17 : 9,
      at: Date.now() - (lines - from - at) * 10,
    }))
    const body = JSON.stringify(logsRequest(batch))
    const sent = async () => (await fetch(`${url}/otlp/v1/logs`, { method: 'POST', headers, body })).ok
    await waitUntil(sent, { what: 'room for more lines', ms: 60_000, everyMs: 1_000 })
  }
}

async function askApi(platform: TestPlatform): Promise<Figure[]> {
  const headers = { authorization: `Bearer ${await tokenOf(platform, 'dev')}` }
  const base = `${platform.url}/api/v1/services/${service}`
  const read = async (path: string) => {
    const reply = await fetch(base + path, { headers })
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`)
    return (await reply.json()) as { items?: unknown[] }
  }
  const count = async (path: string) => (await read(path)).items?.length ?? 0
  const log = '/logs?environment=dev'
  await waitUntil(async () => (await count(`${log}&limit=5000`)) === 5_000, { what: 'the lines', ms: 60_000 })
  const history = `/deployments?environment=dev&limit=${deployments}`
  if ((await count(history)) !== deployments) throw new Error(`${await count(history)} deployments in the history`)
  return [
    ...(await spread('API log, newest 1,000 lines', () => read(`${log}&limit=1000`))),
    ...(await spread('API log, search that matches one line', () => read(`${log}&limit=1000&contains=items/17%20`))),
    ...(await spread('API history, 200 deployments', () => read(history))),
    ...(await spread('API status', () => read('/status'))),
    ...(await spread('API service page', () => read(''))),
  ]
}

async function openPages({ data, url }: TestPlatform): Promise<Figure[]> {
  const chromium = findChromium()
  if (!chromium) return []
  const browser = await openBrowser(chromium)
  try {
    const page = await browser.newPage()
    await page.goto(`${url}/login#${(await readFile(join(data, 'login-key'), 'utf8')).trim()}`)
    await page.getByRole('button', { name: /^Dana Brandt/ }).click()
    await page.getByRole('heading', { name: 'Home' }).waitFor()
    const tab = (name: string) => `${url}/catalog/component/default/${service}${name}?environment=dev`
    const shows = (at: string, shown: string) => () => untilShown(page, tab(at), shown)
    return [
      ...(await spread('page log', shows('/logs', '[role=log] time'))),
      ...(await spread('page history', shows('/deployments', 'main [data-row]'))),
      ...(await spread('page status', shows('', '.strip .status'))),
    ]
  } finally {
    await browser.close()
  }
}

/** A whole load, from the address to what was asked for on the page. */
async function untilShown(page: Page, address: string, shown: string): Promise<void> {
  await page.goto('about:blank')
  await page.goto(address, { waitUntil: 'commit' })
  await page.locator(shown).first().waitFor()
}

async function spread(name: string, work: () => Promise<unknown>): Promise<Figure[]> {
  await work()
  const times: number[] = []
  for (let at = 0; at < repeats; at++) {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0)
  return [
    { name: `${name}, p50`, value: at(0.5), unit: 'ms' },
    { name: `${name}, p95 (aim 300)`, value: at(0.95), unit: 'ms' },
  ]
}

async function command(platform: TestPlatform, argv: readonly string[]): Promise<void> {
  const { exit, stderr } = await fairway(platform, argv)
  if (exit !== 0) throw new Error(`fairway ${argv.join(' ')} ended with ${exit}: ${stderr}`)
}
