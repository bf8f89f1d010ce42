import { Button } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import type { LogLine } from '../../model.ts'
import { LogText } from '../../ui/LogText.tsx'
import type { Logs } from './useLogs.ts'

interface LogLinesProps {
  readonly service: string
  readonly environment: string
  readonly logs: Logs
  readonly wrap: boolean
}

/** Follows the end; scrolling up pauses and counts what is new, `End` goes on. Only lines in sight are drawn. */
export function LogLines({ service, environment, logs, wrap }: LogLinesProps) {
  const place = useRef<HTMLDivElement>(null)
  const [pausedAt, setPausedAt] = useState<string>()
  const { lines } = logs
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => place.current,
    estimateSize: () => 20,
    overscan: 30,
    getItemKey: (index) => lines[index]?.cursor ?? index,
  })
  const newest = lines.at(-1)?.cursor
  useEffect(() => {
    if (pausedAt === undefined && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: 'end' })
    // `newest` stands for the lines: following reacts to new ones only
    // oxlint-disable-next-line react/exhaustive-deps
  }, [newest, pausedAt])
  const fresh = pausedAt === undefined ? 0 : lines.length - 1 - lines.findIndex(({ cursor }) => cursor === pausedAt)
  const onScroll = () => {
    const area = place.current
    if (!area) return
    const atEnd = area.scrollHeight - area.scrollTop - area.clientHeight < 40
    setPausedAt((paused) => (atEnd ? undefined : (paused ?? newest)))
  }
  return (
    <div style={{ position: 'relative' }}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the listeners only watch it scroll */}
      <div
        ref={place}
        className="sunken"
        role="log"
        aria-live="off"
        aria-label={`Log of ${service} in ${environment}`}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        tabIndex={0}
        style={{ height: '60vh', minHeight: 260, overflow: 'auto' }}
        onWheel={onScroll}
        onTouchMove={onScroll}
        onKeyUp={onScroll}
        onMouseUp={onScroll}
      >
        {logs.hasOlder && (
          <Button variant="subtle" fullWidth onClick={() => (setPausedAt(newest), void logs.older())}>
            Older lines
          </Button>
        )}
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map((item) => {
            const line = lines[item.index]
            return (
              line && (
                <div
                  key={item.key}
                  data-index={item.index}
                  ref={rows.measureElement}
                  style={{
                    position: 'absolute',
                    top: 0,
                    left: 0,
                    minWidth: '100%',
                    width: wrap ? '100%' : 'max-content',
                    transform: `translateY(${item.start}px)`,
                  }}
                >
                  <OneLine line={line} service={service} environment={environment} wrap={wrap} />
                </div>
              )
            )
          })}
        </div>
      </div>
      {pausedAt !== undefined && (
        <Button style={{ position: 'absolute', bottom: 12, right: 20 }} onClick={() => setPausedAt(undefined)}>
          {fresh > 0 ? `${fresh} new lines ↓` : 'Follow ↓'}
        </Button>
      )}
    </div>
  )
}

const tones: Readonly<Partial<Record<LogLine['level'], string>>> = {
  error: 'bad',
  fatal: 'bad',
  warn: 'warn',
  debug: 'mute',
  trace: 'mute',
}

function OneLine({
  line,
  service,
  environment,
  wrap,
}: {
  line: LogLine
  service: string
  environment: string
  wrap: boolean
}) {
  return (
    <div
      className="mono"
      style={{
        display: 'flex',
        gap: 10,
        padding: '1px 10px',
        whiteSpace: wrap ? 'pre-wrap' : 'pre',
        flexWrap: wrap ? 'wrap' : 'nowrap',
      }}
    >
      <time className="mute" dateTime={line.at} title={`${line.at} ${line.instance}`}>
        {clock(line.at)}
      </time>
      <span className={tones[line.level] ?? 'mute'} style={{ width: 44 }}>
        {line.level}
      </span>
      <span className={tones[line.level] === 'bad' ? 'bad' : undefined} style={{ flex: '1 1 240px', minWidth: 0 }}>
        <LogText text={line.text} /> <span className="mute">{fieldsOf(line)}</span>
      </span>
      {line.traceId && <Go to={`${paths.trace(service, line.traceId)}?environment=${environment}`}>trace</Go>}
    </div>
  )
}

const toldElsewhere = new Set(['span_id', 'trace_id', 'log.iostream', 'route'])

function fieldsOf({ fields = {} }: LogLine): string {
  const told = Object.entries(fields).filter(([key, value]) => !toldElsewhere.has(key) && typeof value !== 'object')
  return told.map(([key, value]) => `${key}=${String(value)}`).join(' ')
}

function clock(at: string): string {
  const date = new Date(at)
  return `${date.toLocaleTimeString('en-GB')}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
