import { listDocs, readDoc, searchDocs } from '#services/docs/read-docs.ts'
import * as contract from '../contract/docs.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function docsHandlers({ platform }: ApiContext) {
  return [
    handle(contract.listDocs, ({ caller, query }) => listDocs(platform, caller, query)),
    handle(contract.searchDocs, ({ caller, query }) => searchDocs(platform, caller, query)),
    handle(contract.readDoc, ({ caller, query }) => readDoc(platform, caller, query)),
  ]
}
