import { preparePlatform, type TestPlatform } from '../testing/start-platform.ts'
import type { Figure } from '../tools/bench.ts'
import { command, since, timedJourney } from './journey/timed-journey.ts'
import { memoryOf } from './overhead/memory.ts'

/**
 * How long a developer waits: start, create, push, promote, roll back, cold and warm, with what the time goes to, and the
 * control plane's memory afterwards. Warm is the second run on one data folder, with the packages of the lockfile in place.
 */
export async function bench(): Promise<readonly Figure[]> {
  const platform = await preparePlatform()
  const figures: Figure[] = []
  const noteAs = (unit: string) => (name: string, value: number) =>
    figures.push({ name, value: Math.round(value * 100) / 100, unit })
  const [note, noteMemory] = [noteAs('s'), noteAs('MiB')]
  try {
    note('cold: start of a fresh data folder to a portal that answers', await untilPortal(platform))
    await timedJourney(platform, 'first', (name, value) => note(`cold: ${name}`, value))
    noteMemory('memory of the control plane after one journey (aim under 250)', await memoryOf(platform))
    await command(platform, ['down'])
    note('warm: start to a portal that answers (aim under 8)', await untilPortal(platform))
    await timedJourney(platform, 'second', (name, value) => note(`warm: ${name}`, value))
    noteMemory('memory of the control plane after the warm journey (aim under 250)', await memoryOf(platform))
  } finally {
    await platform.remove()
  }
  return figures
}

async function untilPortal(platform: TestPlatform): Promise<number> {
  const began = performance.now()
  await platform.start()
  await (await fetch(platform.url)).text()
  return since(began)
}
