import { readMe, signIn, signInOptions, signOut, switchPerson } from '#services/sessions.ts'
import * as contract from '../contract/sessions.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function sessionHandlers({ platform, keys, version }: ApiContext) {
  return [
    handle(contract.signInOptions, () => signInOptions(platform, version)),
    handle(contract.signIn, ({ body, address }) => signIn(platform, keys, { ...body, address })),
    handle(contract.signOut, async ({ caller }) => ({ ended: await signOut(platform, caller) })),
    handle(contract.switchPerson, ({ caller, body }) => switchPerson(platform, caller, body.user)),
    handle(contract.me, async ({ caller }) => readMe(caller)),
  ]
}
