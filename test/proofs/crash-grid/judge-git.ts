import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { listRefs } from '#lib/git/commits.ts'
import { readNamed } from '#lib/git/blobs.ts'
import { gitText } from '#lib/git/run-git.ts'
import { treeOf } from '#lib/git/trees.ts'
import { parse } from 'yaml'
import type { Judged } from './one-kill.ts'

/** What is not exactly once, judged from the repositories alone: one repository, one change request, one delivery commit (I1, I2, I3). */
export async function faultsInGit(data: string, { act, run }: Judged): Promise<string[]> {
  const { service, environment } = act
  const own = { dir: join(data, 'git/team-a', `${service.name}.git`) }
  const delivery = { dir: join(data, 'git/fairway/delivery.git') }
  const owners = await readdir(join(data, 'git'))
  const repositories = (await Promise.all(owners.map((owner) => readdir(join(data, 'git', owner))))).flat()
  const commits = (await gitText(own, ['log', '--all', '--format=%H'])).split('\n').filter(Boolean)
  const changes = (await changesOf(delivery)).filter(({ head }) => head === `fairway/${run}`)
  const delivered = (await deliveryLog(delivery)).filter((commit) => commit.trailers['Run-Id'] === run)
  const folder = `envs/${environment}/${service.name}`
  const touched = (await gitText(delivery, ['log', 'main', '--format=%H', '--', folder])).split('\n').filter(Boolean)
  const counts: Record<string, [number, number]> = {
    repositories: [repositories.filter((name) => name === `${service.name}.git`).length, 1],
    'commits in the service': [commits.length, 1 + service.pushes],
    'change requests of this run': [changes.length, 1],
    'delivery commits of this run': [delivered.length, 1],
    'commits of the folder': [touched.length, service[environment].length + 1],
  }
  const faults = Object.entries(counts).flatMap(([what, [count, wanted]]) =>
    count === wanted ? [] : [`${count} ${what}, not ${wanted}`],
  )
  const [change] = changes
  const [commit] = delivered
  if (!change || !commit) return faults
  if (touched[0] !== commit.commit) faults.push('the newest commit of the folder is not of this run')
  if (change.state !== 'merged' || change.mergeCommit !== commit.commit)
    faults.push(
      `the change request is ${change.state} by ${change.mergeCommit ?? 'nothing'}, not merged by ${commit.commit}`,
    )
  const [merged, held] = await Promise.all(
    [commit.commit, change.ended?.headCommit].map(async (id) => id && treeOf(delivery, id, folder)),
  )
  if (!merged || merged !== held) faults.push('what was merged is not what the change request held')
  const [text] = await readNamed(delivery, [`${commit.commit}:${folder}/release.yaml`])
  const expected = {
    'Change-Id': `fairway/delivery#${change.number}`,
    'Run-Id': run,
    Release: String((parse(text ?? '') as { version?: string } | null)?.version),
    'Requested-by': 'dev',
    Verdict: /^sha256:[0-9a-f]{64}$/.exec(commit.trailers['Verdict'] ?? '')?.[0],
    ...(act.workflow === 'rollback' && { Reverts: touched[1] }),
  }
  if (JSON.stringify(expected) !== JSON.stringify(commit.trailers))
    faults.push(`trailers ${JSON.stringify(commit.trailers)}, not ${JSON.stringify(expected)}`)
  return faults
}

export interface KeptChange {
  readonly number: number
  readonly head: string
  readonly state: string
  readonly mergeCommit?: string
  readonly ended?: { readonly headCommit: string }
}

/** Change requests as Git keeps them. */
export async function changesOf(repo: { dir: string }): Promise<KeptChange[]> {
  const refs = [...(await listRefs(repo, 'refs/changes')).keys()].filter((ref) => ref.endsWith('/meta'))
  const texts = await readNamed(
    repo,
    refs.map((ref) => `${ref}:change.json`),
  )
  return texts.map((text, index) => {
    const record = JSON.parse(text ?? '{}') as Omit<KeptChange, 'number'>
    return { ...record, number: Number(/(\d+)\/meta$/.exec(refs[index] ?? '')?.[1]) }
  })
}

interface Delivered {
  readonly commit: string
  readonly trailers: Readonly<Record<string, string>>
}

/** Commits of main with their trailers, newest first; a trailer that stands twice shows as both. */
export async function deliveryLog(repo: { dir: string }): Promise<Delivered[]> {
  const text = await gitText(repo, ['log', 'main', '--first-parent', '--format=%x1e%H%n%(trailers:only,unfold)'])
  return text
    .split('\x1e')
    .filter((entry) => entry.trim())
    .map((entry) => {
      const [commit = '', ...lines] = entry.trim().split('\n')
      const trailers: Record<string, string> = {}
      for (const line of lines.filter(Boolean)) {
        const [key = '', value = ''] = line.split(/: (.*)/s)
        trailers[key] = key in trailers ? `${trailers[key]}, ${value}` : value
      }
      return { commit, trailers }
    })
}
