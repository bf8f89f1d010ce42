import { listTrustedKeys, readProvenance, readRelease, readSbom } from '#services/read-release.ts'
import * as contract from '../contract/releases.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function releaseHandlers({ platform }: ApiContext) {
  return [
    handle(contract.readRelease, ({ caller, params }) => readRelease(platform, caller, params)),
    handle(contract.releaseSbom, ({ caller, params }) => readSbom(platform, caller, params)),
    handle(contract.releaseProvenance, ({ caller, params }) => readProvenance(platform, caller, params)),
    handle(contract.listKeys, async ({ caller }) => ({ items: listTrustedKeys(platform, caller) })),
  ]
}
