import { Button, VisuallyHidden } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { LogLine } from '../../model.ts'
import { GapMark, LogRow, type RowLooks } from './LogRow.tsx'
import type { Logs } from './useLogs.ts'

interface LogLinesProps {
  /** What is listed, for people who cannot see it. */
  readonly label: string
  readonly logs: Logs
  /** Those of them that are shown, oldest first. */
  readonly lines: readonly LogLine[]
  /** Cursor of the line that the address names. */
  readonly linked: string | undefined
  readonly looks: RowLooks
}

/** Follows the end; scrolling up pauses and counts what is new, `End` goes on. Only lines in sight are drawn. */
export function LogLines({ label, logs, lines, linked, looks }: LogLinesProps) {
  const place = useRef<HTMLDivElement>(null)
  const [pausedAt, setPausedAt] = useState(linked && lines.at(-1)?.cursor)
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => place.current,
    estimateSize: () => 24,
    overscan: 30,
    getItemKey: (index) => lines[index]?.cursor ?? index,
  })
  const newest = lines.at(-1)?.cursor
  useEffect(() => {
    if (pausedAt === undefined && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: 'end' })
    // `newest` stands for the lines: following reacts to new ones, and to rows that grow on a narrower page
    // oxlint-disable-next-line react/exhaustive-deps
  }, [newest, pausedAt, rows.getTotalSize()])
  useEffect(() => {
    const at = lines.findIndex(({ cursor }) => cursor === linked)
    if (at >= 0) rows.scrollToIndex(at, { align: 'center' })
    // once, when the line is there
    // oxlint-disable-next-line react/exhaustive-deps
  }, [])
  const fresh = pausedAt === undefined ? 0 : lines.length - 1 - lines.findIndex(({ cursor }) => cursor === pausedAt)
  const onScroll = () => {
    const area = place.current
    if (!area) return
    const atEnd = area.scrollHeight - area.scrollTop - area.clientHeight < 40
    setPausedAt((paused) => (atEnd ? undefined : (paused ?? newest)))
  }
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === 'End') setPausedAt(undefined)
    else if (['Home', 'PageUp', 'ArrowUp'].includes(key)) setPausedAt((paused) => paused ?? newest)
  }
  const older = async () => {
    setPausedAt(newest)
    const added = await logs.older()
    rows.scrollToIndex(added, { align: 'start' })
  }
  return (
    <div style={{ position: 'relative' }}>
      <Spoken lines={lines} />
      {pausedAt !== undefined && (
        <Button
          style={{ position: 'absolute', bottom: 12, right: 20, zIndex: 1 }}
          onClick={() => setPausedAt(undefined)}
        >
          {fresh > 0 ? `${fresh} new lines ↓` : 'Follow ↓'}
        </Button>
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the listeners only watch it scroll */}
      <div
        ref={place}
        className="sunken"
        role="log"
        aria-live="off"
        aria-label={label}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        tabIndex={0}
        style={{ height: '60vh', minHeight: 260, overflow: 'auto' }}
        onWheel={onScroll}
        onTouchMove={onScroll}
        onMouseUp={onScroll}
        onKeyDown={onKeyDown}
      >
        {logs.hasOlder && (
          <Button variant="subtle" fullWidth onClick={() => void older()}>
            Older lines
          </Button>
        )}
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map((item) => {
            const line = lines[item.index]
            const gap = line && logs.gaps.get(line.cursor)
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
                    width: looks.wrap ? '100%' : 'max-content',
                    transform: `translateY(${item.start}px)`,
                  }}
                >
                  <LogRow line={line} looks={looks} isLinked={line.cursor === linked} />
                  {gap && <GapMark gap={gap} utc={looks.utc} />}
                </div>
              )
            )
          })}
        </div>
      </div>
    </div>
  )
}

const spokenEveryMs = 10_000

/** A flood of lines is not read aloud: how many came, every ten seconds, and how many of them are errors. */
function Spoken({ lines }: { lines: readonly LogLine[] }) {
  const [said, setSaid] = useState('')
  const now = useRef(lines)
  useEffect(() => {
    now.current = lines
  })
  useEffect(() => {
    let last = now.current.at(-1)?.cursor
    const timer = setInterval(() => {
      const at = now.current.findIndex(({ cursor }) => cursor === last)
      const fresh = at < 0 ? [] : now.current.slice(at + 1)
      last = now.current.at(-1)?.cursor
      const errors = fresh.filter(({ level }) => level === 'error' || level === 'fatal').length
      if (fresh.length > 0) setSaid(`${fresh.length} new lines${errors > 0 ? `, ${errors} of them errors` : ''}`)
    }, spokenEveryMs)
    return () => clearInterval(timer)
  }, [])
  return (
    <VisuallyHidden>
      <output aria-live="polite">{said}</output>
    </VisuallyHidden>
  )
}
