import { mkdir, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { cacheFolder } from './cache-folder.ts'
import { engines } from './engines.ts'
import { buildGoEngine, type GoEngine, stampOf } from './go-engine.ts'

/** What became of an engine: `ready`, or why not. */
export interface Built {
  readonly name: string
  readonly result: 'ready' | 'not-built'
  readonly reason?: string
  readonly seconds: number
}

/**
 * Builds what is missing of `wanted`, two at a time, for `minutes` at most. An engine that was built before
 * from the same version takes no time. One that fails stops no other.
 */
export async function build(
  wanted: readonly string[],
  { minutes, say }: { minutes: number; say: (line: string) => void },
): Promise<Built[]> {
  const folder = cacheFolder()
  for (const each of ['bin', 'work', 'log']) await mkdir(join(folder, each), { recursive: true })
  const until = Date.now() + minutes * 60_000
  const waiting = engines.filter(({ name }) => wanted.includes(name))
  const built: Built[] = []
  const lane = async () => {
    for (let engine = waiting.shift(); engine; engine = waiting.shift()) {
      built.push(await one(engine, folder, { until, say }))
    }
  }
  await Promise.all([lane(), lane()])
  return built
}

async function one(
  engine: GoEngine,
  folder: string,
  { until, say }: { until: number; say: (line: string) => void },
): Promise<Built> {
  const { name } = engine
  const began = Date.now()
  const seconds = () => Math.round((Date.now() - began) / 100) / 10
  const [binary, stamp] = [join(folder, 'bin', name), join(folder, 'bin', `.${name}.from`)]
  const from = createHash('sha256').update(JSON.stringify(engine)).digest('hex')
  if (existsSync(binary) && (await stampOf(stamp)) === from) return { name, result: 'ready', seconds: 0 }
  if (began > until) return { name, result: 'not-built', reason: 'the time for building was over', seconds: 0 }
  say(`building ${name} ${engine.version}`)
  try {
    const signal = AbortSignal.timeout(Math.max(1, until - Date.now()))
    await buildGoEngine(engine, {
      work: join(folder, 'work', name),
      binary,
      log: join(folder, 'log', `${name}.log`),
      signal,
    })
    await writeFile(stamp, from)
    say(`built ${name} in ${seconds()} s`)
    return { name, result: 'ready', seconds: seconds() }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    say(`not built: ${reason}`)
    return { name, result: 'not-built', reason, seconds: seconds() }
  }
}
