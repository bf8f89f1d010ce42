import { join } from 'node:path'
import { readdir } from 'node:fs/promises'
import { git } from '../../../testing/cli.ts'
import type { TestPlatform } from '../../../testing/start-platform.ts'

/** What is not exactly once, judged from the repositories alone: the platform's own database is not asked. */
export async function faultsInGit(
  platform: TestPlatform,
  { service, run }: { service: string; run: string },
): Promise<string[]> {
  const delivery = join(platform.data, 'git/fairway/delivery.git')
  const owners = await readdir(join(platform.data, 'git'))
  const repositories = (await Promise.all(owners.map((owner) => readdir(join(platform.data, 'git', owner))))).flat()
  const own = join(platform.data, 'git/team-a', `${service}.git`)
  const counts = {
    repositories: repositories.filter((name) => name === `${service}.git`).length,
    'first commits of this run': lines(
      await text(platform, own, 'log', '--all', '--format=%(trailers:key=Run-Id,valueonly)'),
    ).filter((id) => id === run).length,
    'commits in the service': lines(await text(platform, own, 'log', '--all', '--format=%H')).length,
    'change requests of this run': (await changeHeads(platform, delivery)).filter((head) => head === `fairway/${run}`)
      .length,
    'deployments of this run': lines(
      await text(platform, delivery, 'log', 'main', '--format=%(trailers:key=Run-Id,valueonly)'),
    ).filter((id) => id === run).length,
    'commits of its folder': lines(
      await text(platform, delivery, 'log', 'main', '--format=%H', '--', `envs/dev/${service}`),
    ).length,
  }
  return Object.entries(counts).flatMap(([what, count]) => (count === 1 ? [] : [`${service}: ${count} ${what}, not 1`]))
}

/** The branch each change request is for. */
async function changeHeads(platform: TestPlatform, repository: string): Promise<string[]> {
  const refs = lines(await text(platform, repository, 'for-each-ref', '--format=%(refname)', 'refs/changes/*/meta'))
  const records = await Promise.all(refs.map((ref) => text(platform, repository, 'show', `${ref}:change.json`)))
  return records.map((record) => (JSON.parse(record) as { head: string }).head)
}

async function text(platform: TestPlatform, repository: string, ...argv: string[]): Promise<string> {
  const { exit, stdout, stderr } = await git(platform, repository, ...argv)
  if (exit !== 0) throw new Error(`git ${argv[0]} in ${repository} ended with ${exit}: ${stderr}`)
  return stdout
}

function lines(words: string): string[] {
  return words
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}
