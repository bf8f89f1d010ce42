import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../build/cache-folder.ts'
import { type EngineProcess, endProcess, startProcess } from './engine-process.ts'

/** What an engine is handed: its folder, its binaries, and the facts of the others. */
export interface LabPlace {
  /** State of the whole lab, outside every checkout. */
  readonly folder: string
  say(line: string): void
  /** A binary that lab/build made. */
  bin(name: string): string
  /** A folder for one engine's state, made when absent. */
  state(engine: string): Promise<string>
  /** Starts a process that outlives this one; one that runs already under that name is left alone. */
  start(process: EngineProcess): Promise<void>
  end(name: string): Promise<void>
  /** What tests and other engines need to know: addresses, and paths of files that hold credentials. */
  facts(engine: string): Promise<Readonly<Record<string, string>> | undefined>
  writeFacts(engine: string, facts: Readonly<Record<string, string>>): Promise<void>
  forget(engine: string): Promise<void>
}

/** The lab of this machine. There is one, because its addresses are fixed. */
export function openLab(say: (line: string) => void): LabPlace {
  const folder = join(cacheFolder(), 'run')
  const factsFile = (engine: string) => join(folder, 'facts', `${engine}.json`)
  return {
    folder,
    say,
    bin: (name) => join(cacheFolder(), 'bin', name),
    state: async (engine) => {
      const path = join(folder, 'state', engine)
      await mkdir(path, { recursive: true })
      return path
    },
    start: (process) => startProcess(folder, process),
    end: (name) => endProcess(folder, name),
    facts: async (engine) => {
      const text = await readFile(factsFile(engine), 'utf8').catch(() => undefined)
      return text === undefined ? undefined : JSON.parse(text)
    },
    writeFacts: async (engine, facts) => {
      await mkdir(join(folder, 'facts'), { recursive: true })
      await writeFile(`${factsFile(engine)}.new`, JSON.stringify(facts, null, 2), { mode: 0o600 })
      await rename(`${factsFile(engine)}.new`, factsFile(engine))
    },
    forget: (engine) => rm(factsFile(engine), { force: true }),
  }
}
