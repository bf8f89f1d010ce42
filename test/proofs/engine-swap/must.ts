import { fairway } from '../../../testing/cli.ts'
import type { TestPlatform } from '../../../testing/start-platform.ts'

/** A command that has to end well. */
export async function must(platform: TestPlatform, ...argv: string[]) {
  const done = await fairway(platform, argv)
  if (done.exit !== 0)
    throw new Error(`fairway ${argv.join(' ')} ended with ${done.exit}: ${done.stderr}${done.stdout}`)
  return done
}
