import { build } from '../build/build.ts'
import { engines as built } from '../build/engines.ts'
import { allEngines } from '../engines/all.ts'
import type { LabEngine } from './engine.ts'
import type { LabPlace } from './lab-place.ts'
import { installPackages } from './packages.ts'

/** What became of an engine. */
export interface Standing {
  readonly name: string
  readonly result: 'up' | 'not-run'
  readonly reason?: string
  readonly seconds: number
}

/**
 * Brings engines up with all that they need, building what is missing for `minutes` at most. An engine that cannot come
 * up is not-run with its reason, and so is what needs it; the others go on. A second time takes a moment.
 */
export async function up(
  lab: LabPlace,
  names: readonly string[],
  { minutes }: { minutes: number },
): Promise<readonly Standing[]> {
  const wanted = withNeeds(names)
  const here = machineReason()
  if (here !== undefined) return wanted.map(({ name }) => ({ name, result: 'not-run', reason: here, seconds: 0 }))
  const binaries = await build(
    wanted.flatMap((engine) => engine.binaries ?? []),
    { minutes, say: (line) => lab.say(line) },
  )
  const standings = new Map<string, Promise<Standing>>()
  for (const engine of wanted) {
    const needs = (engine.needs ?? []).flatMap((need) => standings.get(need) ?? [])
    const before = [...standings.values()].at(-1)
    // One after another: apt and the cluster's API are shared, and what comes first is needed first.
    standings.set(
      engine.name,
      Promise.resolve(before).then(async () => {
        const failed = (await Promise.all(needs)).find((need) => need.result !== 'up')
        const missing = binaries.find(({ name, result }) => result !== 'ready' && engine.binaries?.includes(name))
        if (failed) return notRun(engine, `it needs ${failed.name}, which is not up`)
        if (missing) return notRun(engine, missing.reason ?? `${missing.name} was not built`)
        return start(lab, engine)
      }),
    )
  }
  return Promise.all(standings.values())
}

/** The engines of those names, or all, each behind what it needs. An unknown name throws with the known ones. */
export function withNeeds(names: readonly string[]): readonly LabEngine[] {
  const known = new Map(allEngines.map((engine) => [engine.name, engine]))
  const ordered: LabEngine[] = []
  const add = (name: string) => {
    const engine = known.get(name)
    if (!engine) throw new Error(`the lab has no engine ${name}; it has ${[...known.keys()].join(', ')}`)
    if (ordered.includes(engine)) return
    for (const need of engine.needs ?? []) add(need)
    ordered.push(engine)
  }
  for (const name of names.length > 0 ? names : known.keys()) add(name)
  return ordered
}

/** Every binary that the lab can build. */
export const buildable: readonly string[] = built.map(({ name }) => name)

async function start(lab: LabPlace, engine: LabEngine): Promise<Standing> {
  const began = Date.now()
  try {
    await installPackages(engine.packages ?? [], (line) => lab.say(line))
    await engine.start(lab)
    const seconds = Math.round((Date.now() - began) / 100) / 10
    lab.say(`${engine.name} is up (${seconds} s)`)
    return { name: engine.name, result: 'up', seconds }
  } catch (error) {
    await lab.forget(engine.name)
    return notRun(engine, error instanceof Error ? error.message : String(error), began)
  }
}

function notRun({ name }: LabEngine, reason: string, began = Date.now()): Standing {
  return { name, result: 'not-run', reason, seconds: Math.round((Date.now() - began) / 100) / 10 }
}

function machineReason(): string | undefined {
  if (process.platform !== 'linux') return 'the lab needs Linux'
  if (process.getuid?.() !== 0) return 'the lab needs root: namespaces, containers'
  return undefined
}
