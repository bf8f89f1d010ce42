import { useCallback, useEffect, useRef, useState } from 'react'
import { api, data } from '../../app/api.ts'
import { onNews } from '../../app/live.ts'
import type { LogLine } from '../../model.ts'

const maxLines = 50_000
const pageSize = 1_000

export interface Logs {
  readonly lines: readonly LogLine[]
  readonly dropped: number
  readonly loaded: boolean
  readonly error: unknown
  /** False once the beginning was reached. */
  readonly hasOlder: boolean
  older(): Promise<void>
  again(): void
}

interface LogFilter {
  readonly environment: string
  readonly level?: LogLine['level']
  readonly contains?: string
  readonly traceId?: string
}

/** Newest lines first read, then followed by cursor: news wake it up, a slow poll is the safety net. */
export function useLogs(name: string, filter: LogFilter): Logs {
  const about = JSON.stringify([name, filter])
  const [state, setState] = useState({ ...nothing, about })
  const [turn, setTurn] = useState(0)
  const current = state.about === about ? state : { ...nothing, about }
  const newest = useRef<string>(undefined)
  useEffect(() => {
    newest.current = undefined
    const stop = new AbortController()
    let reading = false
    const read = async () => {
      if (reading) return
      reading = true
      try {
        const after = newest.current
        const items = await page(name, { ...filter, ...(after && { after }) }, stop.signal)
        newest.current = items.at(-1)?.cursor ?? after
        setState((known) => {
          const base = known.about === about ? known : { ...nothing, about }
          const lines = after ? [...base.lines, ...items] : items
          const extra = Math.max(0, lines.length - maxLines)
          const hasOlder = after ? base.hasOlder || extra > 0 : items.length === pageSize
          return {
            about,
            lines: lines.slice(extra),
            dropped: base.dropped + extra,
            loaded: true,
            error: undefined,
            hasOlder,
          }
        })
      } catch (error) {
        if (!stop.signal.aborted)
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
    // `about` holds name and filter
    // oxlint-disable-next-line react/exhaustive-deps
  }, [about, turn])
  const older = useCallback(async () => {
    const before = current.lines[0]?.cursor
    if (!before) return
    const items = await page(name, { ...filter, before })
    setState((known) =>
      known.about === about
        ? { ...known, lines: [...items, ...known.lines], hasOlder: items.length === pageSize }
        : known,
    )
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
}

async function page(
  name: string,
  query: LogFilter & { after?: string; before?: string },
  signal?: AbortSignal,
): Promise<LogLine[]> {
  const answer = api.GET('/api/v1/services/{name}/logs', {
    params: { path: { name }, query: { ...query, limit: pageSize } },
    ...(signal && { signal }),
  })
  return (await data(answer)).items
}
