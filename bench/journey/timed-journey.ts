import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Run } from '#model/run.ts'
import { apiAs, fairway } from '../../testing/cli.ts'
import type { TestPlatform } from '../../testing/start-platform.ts'
import { push, releaseRunOf, type StartedRun, type Story, tell } from '../../test/journeys/first-service/story.ts'

export type Note = (name: string, seconds: number) => void

/** Create, push, promote and roll back one service as its developer; notes how long each took and what the time went to. */
export async function timedJourney(platform: TestPlatform, service: string, note: Note): Promise<void> {
  for (const name of ['dev2', 'dev']) await command(platform, ['login', '--as', name])
  const story = tell(platform, {
    clone: join(platform.data, '..', service),
    api: await apiAs(platform, 'dev'),
    service,
  })
  const timed = async (name: string, argv: string[]) => {
    const began = performance.now()
    const { run } = await answerOf(story, argv)
    note(name, since(began))
    noteSteps(name, run, note)
  }
  const wait = ['--wait', '--json']
  const created = ['new', '--template', 'http-api', '--name', service, '--owner', 'team-a']
  await timed('create to healthy in dev (aim under 45)', [...created, ...wait])
  await command(platform, ['clone', service, story.clone])
  const file = join(story.clone, 'src/app.ts')
  await writeFile(file, `${await readFile(file, 'utf8')}\n// changed\n`)
  const pushed = performance.now()
  const release = await releaseRunOf(story, await push(story, 'Change the code'))
  note('push to running in dev (aim under 20)', since(pushed))
  noteSteps('push', release, note)
  await timed('promote to staging (aim under 10)', ['promote', service, '--to', 'staging', ...wait])
  await timed('roll back in dev (aim under 10)', ['rollback', service, '--env', 'dev', ...wait])
}

/** The longest steps of a run, and what the command line, queueing and bookkeeping took on top. */
function noteSteps(label: string, run: Run, note: Note): void {
  const name = label.replace(/ \(.*/, '')
  if (run.state !== 'succeeded') throw new Error(`${name} ended ${run.state}: ${JSON.stringify(run.error)}`)
  const steps = run.steps.map((step) => ({ name: step.name, seconds: between(step.startedAt, step.finishedAt) }))
  for (const step of steps.toSorted((a, b) => b.seconds - a.seconds).slice(0, 4))
    note(`${name}: step ${step.name}`, step.seconds)
  const inSteps = steps.reduce((sum, step) => sum + step.seconds, 0)
  note(`${name}: between steps`, between(run.startedAt, run.finishedAt) - inSteps)
}

async function answerOf({ cli }: Story, argv: readonly string[]): Promise<StartedRun> {
  const { exit, stderr, json } = await cli(...argv)
  if (exit !== 0) throw new Error(`fairway ${argv.join(' ')} ended with ${exit}: ${stderr}`)
  return json<StartedRun>()
}

/** A command line that has to succeed. */
export async function command(platform: TestPlatform, argv: readonly string[]): Promise<void> {
  const { exit, stderr } = await fairway(platform, argv)
  if (exit !== 0) throw new Error(`fairway ${argv.join(' ')} ended with ${exit}: ${stderr}`)
}

/** Seconds. */
export function since(began: number): number {
  return (performance.now() - began) / 1000
}

function between(from: string | undefined, to: string | undefined): number {
  return from && to ? (Date.parse(to) - Date.parse(from)) / 1000 : 0
}
