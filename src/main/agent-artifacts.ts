import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { localArtifacts } from '#adapters/artifacts/local/local.ts'
import type { AgentSource } from '#agent/source.ts'
import { PlatformError } from '#errors/platform-error.ts'
import type { Artifacts } from '#ports/artifacts.ts'
import { chooseArtifacts } from './adapters/artifacts.ts'

/** The store of images that the agent fetches from: the folder beside it, or the product that the control plane names. */
export function agentArtifacts(
  dataFolder: string,
  log: Logger,
): (where: AgentSource['artifacts']) => Promise<Artifacts> {
  let known: { readonly key: string; readonly store: Promise<Artifacts> } | undefined
  const open = async (where: AgentSource['artifacts']) => {
    if (typeof where === 'string') return localArtifacts({ folder: where })
    const accepted = await chooseArtifacts(where)
    if (!accepted) throw new PlatformError('SETTINGS_INVALID', 'agent-source.json names no store of images')
    const scratch = join(dataFolder, 'agent/adapters', accepted.name)
    await mkdir(scratch, { recursive: true, mode: 0o700 })
    return (await accepted.open({ scratch, log })).adapter
  }
  return (where) => {
    const key = JSON.stringify(where)
    if (known?.key !== key) known = { key, store: open(where) }
    known.store.catch(() => (known = undefined)) // asked anew at the next start of a workload
    return known.store
  }
}
