import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findOpa, opaHint } from '#adapters/policy/local/find-opa.ts'
import { fairway, fairwayProgram } from '../../testing/cli.ts'
import { pastThePlatform } from '../../testing/past-the-platform.ts'
import { startPlatform, type TestPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { type Example, examplesOf, typed } from '../../testing/typed-examples.ts'

const checkout = join(import.meta.dirname, '../..')
const guide = join(checkout, 'docs/guide')
const opa = await findOpa()

/** Pages whose lines are typed here, in the order in which somebody new would read them. */
const typedHere = [
  'first-service',
  'inner-loop',
  'secrets',
  'drift',
  'golden-paths',
  'audit',
  'supply-chain',
  'rules',
] as const

/** Examples that need more than one machine or a terminal of their own, by their first line, and what shows them instead. */
const shownBy: Readonly<Record<string, string>> = {
  './fairway adopt team-a/old-shop --dry-run': 'test/journeys/adopt-repository.test.ts',
  'git clone --bare ~/old-shop .fairway/git/team-a/old-shop.git': 'test/journeys/adopt-repository.test.ts',
  './fairway adopt ~/old-shop --owner team-a': 'test/journeys/adopt-folder.test.ts',
  'export FAIRWAY_DATA=/var/lib/fairway/second FAIRWAY_PORT=7107 FAIRWAY_GATEWAY_PORT=7180':
    'test/journeys/backup-and-restore.test.ts',
  'FAIRWAY_DATA=/srv/fairway ./fairway restore /backups/fairway.backup   # --key-file KEY on another machine':
    'test/journeys/backup-and-restore.test.ts',
  'cd shop && npm ci': 'test/journeys/inner-loop.test.ts',
  './fairway env detach dev --yes --wait    # Argo CD leaves: per environment, while the platform still runs with it':
    'test/proofs/engine-swap.lab.test.ts',
  './fairway change list --state open       # merge or close these: change requests do not move':
    'test/proofs/engine-swap.lab.test.ts',
  'npm run image -- --registry https://registry.example.com --username ci --password-file ./password':
    'deploy/pods.lab.test.ts',
  'kubectl create namespace fairway': 'deploy/pods.lab.test.ts',
  'kubectl -n fairway port-forward deployment/fairway 7007:7007': 'deploy/pods.lab.test.ts',
}

/** What has to be the case before an example, as the page's own words say. */
const before: Readonly<Record<string, (platform: TestPlatform) => Promise<void>>> = {
  './fairway drift': drifted,
  './fairway drift adopt shop --env dev --dry-run': drifted,
}

test('every line of the guides does what the page says', { timeout: 900_000 }, async (t) => {
  const platform = await startPlatform(t)
  const folder = await mkdtemp(join(tmpdir(), 'fairway-guides-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await symlink(fairwayProgram, join(folder, 'fairway'))
  await symlink(join(checkout, 'tools'), join(folder, 'tools'))

  for (const name of typedHere)
    for (const example of examplesOf(await readFile(join(guide, `${name}.md`), 'utf8')))
      if (!shownElsewhere(example))
        await t.test(`${name}: ${example.heading}: ${example.lines[0]}`, { skip: missing(example) }, async () => {
          await before[example.lines[0] ?? '']?.(platform)
          const { exit, words } = await typed(platform, { folder, lines: example.lines })
          assert.equal(exit, 0, words)
        })
})

test('no example of a guide is without a test', async () => {
  const pages = (await readdir(guide)).filter((name) => name.endsWith('.md') && name !== 'how-do-i.md')
  const untyped: string[] = []
  for (const page of pages.filter((one) => !typedHere.some((name) => one === `${name}.md`)))
    for (const { lines } of examplesOf(await readFile(join(guide, page), 'utf8'))) {
      const shown = shownElsewhere({ lines })
      if (shown) assert.ok((await stat(join(checkout, shown))).isFile(), shown)
      else untyped.push(`${page}: ${lines[0]}`)
    }

  assert.deepEqual(untyped, [])
})

async function drifted(platform: TestPlatform): Promise<void> {
  const seen = async () => (await fairway(platform, ['drift', '--json'])).json<{ items: object[] }>().items.length
  const wait = { ms: 60_000, everyMs: 500 }
  await waitUntil(async () => (await seen()) === 0, { what: 'the drift before to be settled', ...wait })
  await pastThePlatform(platform, { environment: 'dev', replicas: 2 })
  await waitUntil(async () => (await seen()) > 0, { what: 'the drift to be seen', ...wait })
}

function shownElsewhere({ lines }: Pick<Example, 'lines'>): string | undefined {
  return shownBy[lines[0] ?? '']
}

/** What this machine lacks for an example. */
function missing({ lines }: Example): string | false {
  return lines.some((line) => line.includes('policies/')) && !opa ? `rules are compiled by opa: ${opaHint}` : false
}
