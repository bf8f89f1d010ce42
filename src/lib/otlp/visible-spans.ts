interface Place {
  readonly spanId: string
  readonly parentId?: string | null
  readonly service: string
}

/** A service's own spans and every span that hangs below one of them: callers and their other calls stay theirs. */
export function visibleSpans<T extends Place>(spans: readonly T[], service: string): T[] {
  const below = Map.groupBy(spans, ({ parentId }) => parentId ?? '')
  const visible = new Set<T>()
  const open = spans.filter((span) => span.service === service)
  while (open.length > 0) {
    const span = open.pop() as T
    if (visible.has(span)) continue
    visible.add(span)
    open.push(...(below.get(span.spanId) ?? []))
  }
  return spans.filter((span) => visible.has(span))
}
