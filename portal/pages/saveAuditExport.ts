import { headLine, keyLine, linkLine } from '../../src/model/audit-lines.ts'
import { api, data } from '../app/api.ts'

/** Saves the whole audit log as the file that `fairway audit verify` and tools/audit-verify.mjs check. */
export async function saveExport(): Promise<void> {
  const parts: string[] = []
  const known = new Set<string>()
  for (let cursor: string | undefined; ; ) {
    const query = { limit: 1_000, ...(cursor !== undefined && { cursor }) }
    const { items, heads, keys, next } = await data(api.GET('/api/v1/audit/export', { params: { query } }))
    const fresh = keys.filter((pem) => !known.has(pem))
    for (const pem of fresh) known.add(pem)
    const lines = [...fresh.map(keyLine), ...items.map(linkLine), ...heads.map(headLine)]
    parts.push(lines.map((line) => `${line}\n`).join(''))
    if (next === undefined) break
    cursor = next
  }
  const url = URL.createObjectURL(new Blob(parts, { type: 'application/x-ndjson' }))
  const name = `audit-${new Date().toISOString().slice(0, 10)}.ndjson`
  Object.assign(document.createElement('a'), { href: url, download: name }).click()
  URL.revokeObjectURL(url)
}
