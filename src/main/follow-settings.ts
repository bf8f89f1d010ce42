import { codeOf } from '#errors/platform-error.ts'
import { platformRepo, repoName } from '#model/names.ts'
import { readPlatformEntities } from '#services/catalog.ts'
import type { Composed } from './compose.ts'

/** Brings the rules in force and the catalog's people up to the platform repository now, and again after each change to it. */
export async function followSettings(composed: Composed): Promise<void> {
  await apply(composed)
  // another control plane may have been told, or have merged it
  composed.events.subscribe(({ type, object }) => {
    if (type === 'platform' && object === 'settings') void apply(composed).catch(failed(composed))
  })
  composed.platform.ports.gitHost.onEvent((event) => {
    if (repoName(event.repo) !== repoName(platformRepo)) return
    if (event.type === 'push' && event.ref !== 'refs/heads/main') return
    void apply(composed)
      .then(() => readPlatformEntities(composed.platform))
      .catch(failed(composed))
  })
}

function failed({ platform }: Composed): (error: unknown) => void {
  return (error) => platform.log.error({ err: error }, 'a change of the platform repository could not be applied')
}

/** Rules that cannot be compiled here leave the ones in force; verdicts keep naming the bundle that gave them. */
async function apply({ platform, rules }: Composed): Promise<void> {
  const { policySources } = await platform.settings()
  try {
    await rules.follow(policySources)
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    platform.log.error({ err: error }, 'the rules of the platform repository could not be put in force')
  }
}
