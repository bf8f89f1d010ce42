import { checkWorkingTree } from '#services/check-working-tree.ts'
import * as contract from '../contract/working-tree.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function workingTreeHandlers({ platform }: ApiContext) {
  return [
    handle(contract.checkWorkingTree, ({ caller, params, body, signal }) =>
      checkWorkingTree(platform, caller, { service: params.name, files: body.files, signal }),
    ),
  ]
}
