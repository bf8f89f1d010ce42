import { isDeepStrictEqual } from 'node:util'
import { adapterPorts, productOf } from '#model/adapters.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from './caller.ts'

/** Something that holds for the whole platform and that somebody should act on. */
export interface Notice {
  readonly id: string
  readonly text: string
  readonly hint: string
}

/** What everybody should know now, the same on every page. Empty when all is as it should be. */
export async function listNotices(platform: Platform, caller: Caller): Promise<Notice[]> {
  authorise(caller, 'read')
  const differing = await adaptersDiffer(platform)
  return differing ? [differing] : []
}

/** Said while the platform repository names other adapters than this process was started with. */
export async function adaptersDiffer(platform: Platform): Promise<Notice | undefined> {
  const { running } = platform.adapters
  const wanted = (await platform.settings()).platform.spec.adapters
  const ports = adapterPorts.filter((port) => !isDeepStrictEqual(running[port], wanted[port]))
  if (ports.length === 0) return undefined
  const words = ports.map((port) => {
    const [here, there] = [productOf(running[port]), productOf(wanted[port])]
    return here === there ? `${port} (${here}: other options)` : `${port} (${here} here, ${there} there)`
  })
  return {
    id: 'adapters-differ',
    text: `fairway.yaml of the platform repository names other adapters than this process was started with: ${words.join(', ')}`,
    hint: 'start the platform anew with FAIRWAY_CONFIG naming that file, or take the change back',
  }
}
