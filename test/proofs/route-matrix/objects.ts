import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { closeDrift, keepDrift } from '#store/drift.ts'
import { insertRun, patchRun } from '#store/run.ts'
import { reserveService, setServiceLive } from '#store/service.ts'
import type { TestControlPlane } from '../../../testing/control-plane.ts'
import { identity } from './people.ts'

const run = promisify(execFile)

/** Real objects of team-a that requests are about: a service with its repository, a run, a drift, two change requests. */
export interface Objects {
  readonly service: 'shop'
  readonly run: string
  readonly drift: string
  /** One is decided and merged, the other closed, so that both acts find it open. */
  readonly changes: readonly { readonly number: number; readonly head: string }[]
}

export async function makeObjects(plane: TestControlPlane): Promise<Objects> {
  const { db } = plane
  const id = 'rmatrix0000000000000001'
  const steps = [{ name: 'validate', title: 'Check the answers' }]
  const about = { service: 'shop', environment: 'dev', team: 'team-a', requestedBy: 'dev', input: {}, steps }
  await insertRun(db, { id, workflow: 'release', ...about })
  await patchRun(db, id, { state: 'succeeded', finished: true })
  const service = { name: 'shop', owner: 'team-a', template: 'http-api', templateVersion: '0'.repeat(40), answers: {} }
  await reserveService(db, { ...service, run: id })
  await setServiceLive(db, 'shop')
  const found = { path: 'envs/dev/shop', kind: 'git', service: 'shop', environment: 'dev' } as const
  const drift = await keepDrift(db, 'dmatrix1', { ...found, summary: 'somebody pushed', fields: [] })
  await closeDrift(db, drift.id) // who may settle it is asked before whether it is open
  await makeRepository(plane)
  const heads = [await pushBranch(plane, 'first'), await pushBranch(plane, 'second')]
  const token = await plane.tokenOf('dev')
  const changes = []
  for (const [index, head] of heads.entries()) {
    const branch = index === 0 ? 'first' : 'second'
    const json = { repo: { owner: 'team-a', name: 'shop' }, branch, title: 'Change it' }
    const reply = await plane.ask('/api/v1/changes', { token, json })
    if (reply.status !== 201) throw new Error(`no change request: ${await reply.text()}`)
    changes.push({ number: ((await reply.json()) as { number: number }).number, head })
  }
  return { service: 'shop', run: id, drift: drift.id, changes }
}

/** As the Git host keeps it; making one is the platform's act, not a request's. */
async function makeRepository({ dataFolder }: TestControlPlane): Promise<void> {
  const bare = join(dataFolder, 'git/team-a/shop.git')
  await mkdir(join(dataFolder, 'git/team-a'), { recursive: true })
  await run('git', ['init', '-q', '--bare', '--initial-branch=main', bare])
  const rule = { pushBy: 'team', teams: ['team-a'] }
  const facts = { description: '', createdAt: new Date().toISOString(), teams: ['team-a'], rule }
  await writeFile(join(bare, 'fairway.json'), JSON.stringify(facts))
  await commitAndPush(bare, { branch: 'main', from: undefined })
}

async function pushBranch({ dataFolder }: TestControlPlane, branch: string): Promise<string> {
  return commitAndPush(join(dataFolder, 'git/team-a/shop.git'), { branch, from: 'main' })
}

async function commitAndPush(bare: string, { branch, from }: { branch: string; from: string | undefined }) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-shop-'))
  const git = (...argv: string[]) => run('git', ['-C', folder, ...identity, ...argv])
  try {
    if (from) await git('clone', '-q', '--branch', from, bare, '.')
    else await git('init', '-q')
    await writeFile(join(folder, 'notes.txt'), `${branch}\n`)
    await git('add', '.')
    await git('commit', '-qm', branch)
    await git('push', '-q', bare, `HEAD:refs/heads/${branch}`)
    return (await git('rev-parse', 'HEAD')).stdout.trim()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
