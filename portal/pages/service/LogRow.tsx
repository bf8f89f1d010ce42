import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import type { LogLine } from '../../model.ts'
import { LogText } from '../../ui/LogText.tsx'
import type { Gap } from './useLogs.ts'

export interface RowLooks {
  readonly service: string
  readonly environment: string
  readonly wrap: boolean
  readonly utc: boolean
  /** Text that was searched for. */
  readonly found: string | undefined
}

const tones: Readonly<Partial<Record<LogLine['level'], string>>> = {
  error: 'bad',
  fatal: 'bad',
  warn: 'warn',
  debug: 'mute',
  trace: 'mute',
}

/** One line. Its time is a link to it, with the lines around it. */
export function LogRow({ line, looks, isLinked }: { line: LogLine; looks: RowLooks; isLinked: boolean }) {
  const { service, environment, wrap, utc, found } = looks
  const here = `${paths.serviceTab(service, 'logs')}?environment=${environment}&line=${inAddress(line.cursor)}`
  return (
    <div
      className="mono"
      aria-current={isLinked || undefined}
      style={{
        display: 'flex',
        gap: 8,
        padding: '2px 10px',
        minHeight: 24,
        whiteSpace: wrap ? 'pre-wrap' : 'pre',
        flexWrap: wrap ? 'wrap' : 'nowrap',
        ...(isLinked && { borderLeft: '4px solid var(--fw-busy)', fontWeight: 700 }),
      }}
    >
      <Go to={`${here}${utc ? '&times=utc' : ''}`}>
        <time className="mute" dateTime={line.at} title={`${line.at} ${line.instance}`}>
          {clockOf(line.at, utc)}
        </time>
      </Go>
      <span className={tones[line.level] ?? 'mute'} style={{ width: 44 }}>
        {line.level}
      </span>
      <span className={tones[line.level] === 'bad' ? 'bad' : undefined} style={{ flex: '1 1 240px', minWidth: 0 }}>
        <LogText text={line.text} found={found} /> <span className="mute">{fieldsOf(line)}</span>
      </span>
      {line.traceId && <Go to={`${paths.trace(service, line.traceId)}?environment=${environment}`}>trace</Go>}
    </div>
  )
}

// A cursor of digits alone would come back from the address as a number, and not as the same one.
export function inAddress(cursor: string): string {
  return `at-${encodeURIComponent(cursor)}`
}

export function fromAddress(line: string | undefined): string | undefined {
  return line?.replace(/^at-/, '')
}

/** Where the log could not be read for a while; what was written meanwhile follows. */
export function GapMark({ gap: { from, to }, utc }: { gap: Gap; utc: boolean }) {
  return (
    <div className="mono warn" style={{ padding: '2px 10px', minHeight: 24 }}>
      – connection lost {clockOf(from, utc)}–{clockOf(to, utc)}, refilled –
    </div>
  )
}

const toldElsewhere = new Set(['span_id', 'trace_id', 'log.iostream', 'log_iostream', 'route'])

function fieldsOf({ fields = {} }: LogLine): string {
  const told = Object.entries(fields).filter(([key, value]) => !toldElsewhere.has(key) && typeof value !== 'object')
  return told.map(([key, value]) => `${key}=${String(value)}`).join(' ')
}

function clockOf(at: string, utc: boolean): string {
  const date = new Date(at)
  const time = date.toLocaleTimeString('en-GB', utc ? { timeZone: 'UTC' } : {})
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
