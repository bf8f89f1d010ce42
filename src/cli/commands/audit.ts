import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { PlatformError } from '#errors/platform-error.ts'
import { headLine, keyLine, linkLine } from '#model/audit-lines.ts'
import { answerFields } from '../../client/answer-fields.ts'
import { type ApiClient, dataOf } from '../../client/client.ts'
import { type AuditVerification, defineCommand, type Invocation, type OptionValue } from '../command.ts'

export const auditExport = defineCommand({
  usage: 'audit export',
  summary: 'Write the whole audit log with its chain and signed heads to a file',
  options: [{ flag: '--out <file>', about: 'file of lines of JSON', required: true }],
  examples: ['fairway audit export --out audit.ndjson --as auditor', 'fairway audit verify audit.ndjson'],
  fields: ['file', 'rows', 'heads', 'position'],
  async run({ options, api, out }) {
    const file = String(options['out'])
    const written = await writeExport(await api(), file)
    out.result(
      { file, ...written },
      ({ rows, heads }) =>
        `${rows} records and ${heads} signed heads in ${file}\nCheck it with: fairway audit verify ${file}`,
      () => file,
    )
    return 0
  },
})

export const auditVerify = defineCommand({
  usage: 'audit verify [file]',
  summary: 'Check that no audit record was changed, removed or moved: in the platform, or in an export without it',
  options: [
    { flag: '--key <file...>', about: 'public key to trust instead of those in the export' },
    { flag: '--heads <file...>', about: 'signed heads of your own, from a clone of the platform repository' },
  ],
  examples: ['fairway audit verify', 'fairway audit verify audit.ndjson --key key.pem --heads heads.jsonl'],
  fields: answerFields['GET /api/v1/audit/verification'],
  async run(invocation) {
    const { args, options, out } = invocation
    const [file] = args
    if (file === undefined && (options['key'] ?? options['heads']))
      throw new PlatformError('USAGE', '--key and --heads belong to an export', { hint: 'fairway audit verify FILE' })
    const report =
      file === undefined
        ? await dataOf((await invocation.api()).GET('/api/v1/audit/verification'))
        : await verifyFile(invocation, file)
    out.result(report, (found) => reportLines(found, out).join('\n'))
    return report.ok ? 0 : 1
  },
})

async function verifyFile({ local, options, out }: Invocation, file: string): Promise<AuditVerification> {
  const [keys, heads] = [filesOf(options['key']), filesOf(options['heads'])]
  if (keys.length === 0) out.note('the export is checked against the keys it brings along: compare them, or give --key')
  return local.verifyExport(file, { keys, heads })
}

function filesOf(value: OptionValue | undefined): readonly string[] {
  return typeof value === 'object' ? value : []
}

/** The file appears whole or not at all. */
async function writeExport(api: ApiClient, file: string): Promise<{ rows: number; heads: number; position: number }> {
  const draft = `${file}.part`
  const stream = createWriteStream(draft, { mode: 0o600 })
  await once(stream, 'open')
  const failed = new Promise<never>((_, reject) => stream.once('error', reject))
  failed.catch(() => {})
  const known = new Set<string>()
  const count = { rows: 0, heads: 0, position: 0 }
  for (let cursor: string | undefined; ; ) {
    const query = { limit: 1_000, ...(cursor !== undefined && { cursor }) }
    const { items, heads, keys, next } = await dataOf(api.GET('/api/v1/audit/export', { params: { query } }))
    const fresh = keys.filter((pem) => !known.has(pem))
    for (const pem of fresh) known.add(pem)
    const lines = [...fresh.map(keyLine), ...items.map(linkLine), ...heads.map(headLine)]
    if (!stream.write(lines.map((line) => `${line}\n`).join(''))) await Promise.race([once(stream, 'drain'), failed])
    count.rows += items.length
    count.heads += heads.length
    count.position = items.at(-1)?.link.position ?? count.position
    if (next === undefined) break
    cursor = next
  }
  stream.end()
  await Promise.race([once(stream, 'close'), failed])
  await rename(draft, file)
  return count
}

function reportLines(report: AuditVerification, out: Invocation['out']): string[] {
  const { ok, rows, position, signed, heads, keys, problems, intents = [] } = report
  const unsigned = position > signed ? `, ${position - signed} newer ones not signed yet` : ''
  return [
    `${ok ? out.green('The chain holds') : out.red('The chain does not hold')}: ${rows} records, signed up to position ${signed} by ${heads} heads${unsigned}`,
    ...keys.map((key) => `key ${key}`),
    ...problems.map(({ position: at, seq, message }) => {
      const place = [at !== undefined && `position ${at}`, seq !== undefined && `record ${seq}`].filter(Boolean)
      return `${out.red('✖')} ${[...place, ''].join(', ').replace(/, $/, ': ')}${message}`
    }),
    ...intents.map(
      ({ seq, action, object, state }) =>
        `${out.yellow('!')} record ${seq}: ${action} on ${object} has no outcome${why[state ?? '']}`,
    ),
  ]
}

const why: Readonly<Record<string, string>> = {
  going: '; its run goes on',
  repeated: ' of its own; a later attempt did it again',
  died: '; its run ended without it',
  '': '',
}
