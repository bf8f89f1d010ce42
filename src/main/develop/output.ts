import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { logRecord } from '#agent/logs/log-record.ts'
import { sendLogs } from '#agent/logs/send-logs.ts'
import type { DevelopmentHears, DevelopmentWanted } from '#cli/command.ts'
import { maskText, secretMask } from '#lib/mask-secrets.ts'
import { structuredLine } from '#lib/otlp/structured-line.ts'

type Stream = 'stdout' | 'stderr'
type LogRecord = ReturnType<typeof logRecord>

const longest = 16_384
const mostWaiting = 2_000
const shipEveryMs = 500

/** Takes what the command prints, covers values of secrets in it, and passes it on to terminal and platform. */
export function output(
  { service, logs, secrets }: Pick<DevelopmentWanted, 'service' | 'logs' | 'secrets'>,
  hears: DevelopmentHears,
) {
  const mask = secretMask(secrets)
  const waiting: LogRecord[] = []
  let lastWords: string | undefined
  const onLine = (raw: string, stream: Stream) => {
    // covered first: a cut through a secret would leave its beginning
    const text = maskText(raw, mask).slice(0, longest)
    if (text.trim() === '') return
    if (stream === 'stderr' || lastWords === undefined) lastWords = text.trim()
    const record = logRecord({ text, stream, readAt: Date.now() })
    const line = structuredLine(text)
    const at = new Date(Number(BigInt(String(record['timeUnixNano'])) / 1_000_000n)).toISOString()
    const level = String(record['severityText'])
    hears.line({ at, level, text: line?.text ?? text, fields: line?.fields ?? {}, stream })
    if (logs && waiting.length < mostWaiting) waiting.push(record)
  }
  const ship = shipper({ service, logs, waiting, hears })
  const timer = setInterval(() => void ship(), shipEveryMs)
  return {
    read: (stream: Readable, name: Stream) => readLines(stream, (text) => onLine(text, name)),
    get lastWords() {
      return lastWords
    },
    /** Sends what is left; gives up after one try. */
    async end(): Promise<void> {
      clearInterval(timer)
      await ship()
    },
  }
}

/** One batch at a time; what is refused is not tried again, and said once. */
function shipper({
  service,
  logs,
  waiting,
  hears,
}: Pick<DevelopmentWanted, 'service' | 'logs'> & { waiting: LogRecord[]; hears: DevelopmentHears }) {
  let sending: Promise<void> | undefined
  let isTold = false
  const send = async () => {
    if (!logs || waiting.length === 0) return
    const records = waiting.splice(0, 500)
    const { endpoint, token, owner, environment } = logs
    const whose = { service, owner, environment, version: '0.0.0-dev', instance: `dev-${process.pid}` }
    const taken = await sendLogs(endpoint, { token, owner: whose, records })
    if (taken === 'later' && waiting.length + records.length <= mostWaiting) waiting.unshift(...records)
    if (taken !== 'taken' && !isTold) hears.note('the platform does not take log lines now; they go on here')
    isTold = taken !== 'taken'
  }
  return () => (sending ??= send().finally(() => (sending = undefined)))
}

function readLines(stream: Readable, onLine: (text: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const parts = (rest + decoder.write(chunk)).split('\n')
    rest = (parts.pop() ?? '').slice(0, 4 * longest)
    for (const part of parts) onLine(part.replace(/\r$/, ''))
  })
  stream.on('end', () => {
    if (rest !== '') onLine(rest)
  })
  stream.on('error', () => {}) // the pipe goes with the command
}
