import { useCallback, useEffect, useRef, useState } from 'react'
import { api, data } from '../../app/api.ts'
import { onNews } from '../../app/live.ts'
import type { LogLine } from '../../model.ts'

const maxLines = 50_000
const pageSize = 1_000
const linesBefore = 200

export interface Logs {
  readonly lines: readonly LogLine[]
  readonly dropped: number
  readonly loaded: boolean
  readonly error: unknown
  /** False once the beginning was reached. */
  readonly hasOlder: boolean
  /** Times in which the log could not be read, each by the last line before it; all of them are filled again. */
  readonly gaps: ReadonlyMap<string, Gap>
  /** How many lines came before those that were there. */
  older(): Promise<number>
  again(): void
}

export interface Gap {
  readonly from: string
  readonly to: string
}

interface LogFilter {
  readonly environment: string
  readonly level?: LogLine['level']
  readonly contains?: string
  readonly traceId?: string
}

/** Newest lines first read, or those around the line of a link, then followed by cursor: news wake it up, a slow poll is the safety net. */
export function useLogs(name: string, { line, ...filter }: LogFilter & { readonly line?: string }): Logs {
  const about = JSON.stringify([name, filter, line])
  const [state, setState] = useState({ ...nothing, about })
  const [turn, setTurn] = useState(0)
  const current = state.about === about ? state : { ...nothing, about }
  const newest = useRef<string>(undefined)
  useEffect(() => {
    newest.current = undefined
    const stop = new AbortController()
    let reading = false
    let lostAt: string | undefined
    const read = async () => {
      if (reading) return
      reading = true
      try {
        const after = newest.current
        const got = after
          ? { items: await page(name, { ...filter, after }, stop.signal), hasOlder: false }
          : await firstLines(name, { filter, line, signal: stop.signal })
        const gap = after && lostAt ? ([after, { from: lostAt, to: new Date().toISOString() }] as const) : undefined
        lostAt = undefined
        newest.current = got.items.at(-1)?.cursor ?? after
        setState((known) => {
          const base = known.about === about ? known : { ...nothing, about }
          const lines = after ? [...base.lines, ...got.items] : got.items
          const extra = Math.max(0, lines.length - maxLines)
          return {
            about,
            lines: lines.slice(extra),
            dropped: base.dropped + extra,
            loaded: true,
            error: undefined,
            hasOlder: after ? base.hasOlder || extra > 0 : got.hasOlder,
            gaps: gap ? new Map([...base.gaps, gap]) : base.gaps,
          }
        })
      } catch (error) {
        if (stop.signal.aborted) return
        lostAt ??= new Date().toISOString()
        setState((known) => ({ ...(known.about === about ? known : nothing), about, loaded: true, error }))
      } finally {
        reading = false
      }
    }
    void read()
    const timer = setInterval(() => void read(), 2_500)
    const off = onNews(({ type, object }) => type === 'logs' && object.startsWith(name) && void read())
    return () => {
      stop.abort()
      clearInterval(timer)
      off()
    }
    // `about` holds name, filter and line
    // oxlint-disable-next-line react/exhaustive-deps
  }, [about, turn])
  const older = useCallback(async () => {
    const before = current.lines[0]?.cursor
    if (!before) return 0
    const items = await page(name, { ...filter, before })
    setState((known) =>
      known.about === about
        ? { ...known, lines: [...items, ...known.lines], hasOlder: items.length === pageSize }
        : known,
    )
    return items.length
    // oxlint-disable-next-line react/exhaustive-deps
  }, [about, current.lines])
  return { ...current, older, again: () => setTurn((count) => count + 1) }
}

const nothing = {
  lines: [] as readonly LogLine[],
  dropped: 0,
  loaded: false,
  error: undefined as unknown,
  hasOlder: false,
  gaps: new Map() as ReadonlyMap<string, Gap>,
}

interface FirstRead {
  readonly filter: LogFilter
  readonly line: string | undefined
  readonly signal: AbortSignal
}

/** A line of a link with what stands before and after it; without one, or with nothing before it, the newest lines. */
async function firstLines(name: string, { filter, line, signal }: FirstRead) {
  const before = line ? await page(name, { ...filter, before: line, limit: linesBefore }, signal) : []
  const last = before.at(-1)
  if (!last) {
    const items = await page(name, filter, signal)
    return { items, hasOlder: items.length === pageSize }
  }
  const rest = await page(name, { ...filter, after: last.cursor }, signal)
  return { items: [...before, ...rest], hasOlder: before.length === linesBefore }
}

async function page(
  name: string,
  query: LogFilter & { after?: string; before?: string; limit?: number },
  signal?: AbortSignal,
): Promise<LogLine[]> {
  const answer = api.GET('/api/v1/services/{name}/logs', {
    params: { path: { name }, query: { limit: pageSize, ...query } },
    ...(signal && { signal }),
  })
  return (await data(answer)).items
}
