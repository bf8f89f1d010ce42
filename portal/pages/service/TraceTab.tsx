import { Group, Text, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import type { ServiceDetail, Span } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { CopyText } from '../../ui/Copy.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Status } from '../../ui/Status.tsx'
import { Facts } from '../run/RunOutcome.tsx'
import { useEnvironment } from './EnvironmentPicker.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'

/** One trace as a waterfall: each span where it began and how long it took. */
export function TraceTab() {
  return <ServiceFrame tab="traces">{(service) => <OneTrace service={service} />}</ServiceFrame>
}

function OneTrace({ service }: { service: ServiceDetail }) {
  const { traceId } = useParams({ strict: false }) as { traceId: string }
  const environment = useEnvironment(service)
  const trace = useQuery(queries.trace(service.name, environment, traceId))
  return (
    <Loaded query={trace} lines={8}>
      {({ spans }) => (
        <Card
          title={spans[0]?.name ?? 'Trace'}
          flush
          aside={
            <span>
              <CopyText text={traceId} shown={traceId.slice(0, 12)} label="Copy the trace id" />{' '}
              <Go to={`${paths.serviceTab(service.name, 'logs')}?environment=${environment}&traceId=${traceId}`}>
                Log lines of this trace
              </Go>
            </span>
          }
        >
          <Waterfall spans={spans} />
        </Card>
      )}
    </Loaded>
  )
}

function Waterfall({ spans }: { spans: readonly Span[] }) {
  const whole = Math.max(...spans.map(({ startMs, durationMs }) => startMs + durationMs), 0.001)
  const depths = depthsOf(spans)
  return (
    <>
      <Group justify="space-between" gap="xs" px={12} pt={8}>
        <Text size="sm" c="dimmed">
          {spans.length} {spans.length === 1 ? 'span' : 'spans'} in {took(whole)}. Each bar begins where its span began.
        </Text>
      </Group>
      <ol className="steps" aria-label="Spans in the order they began, each below its parent">
        {spans.map((span) => (
          <li key={span.spanId}>
            <OneSpan span={span} whole={whole} depth={depths.get(span.spanId) ?? 0} />
          </li>
        ))}
      </ol>
    </>
  )
}

function OneSpan({ span, whole, depth }: { span: Span; whole: number; depth: number }) {
  const left = (span.startMs / whole) * 100
  return (
    <details>
      <summary style={{ flexWrap: 'wrap' }}>
        <span
          style={{ flex: '1 1 200px', minWidth: 0, paddingLeft: Math.min(depth, 12) * 14, overflowWrap: 'anywhere' }}
        >
          {span.error && <Status state="error" />} {span.name}
          <Text span size="xs" c="dimmed">
            {' '}
            {span.service} · {span.kind}
          </Text>
          <VisuallyHidden>
            , level {depth + 1}, begins {took(span.startMs)} in
          </VisuallyHidden>
        </span>
        <span style={{ flex: '2 1 140px' }} aria-hidden>
          <span
            className={span.error ? 'bar failed' : 'bar'}
            style={{
              display: 'block',
              minWidth: 2,
              marginLeft: `min(${left}%, calc(100% - 2px))`,
              width: `${Math.min(100 - left, (span.durationMs / whole) * 100)}%`,
            }}
          />
        </span>
        <Text span size="sm" c="dimmed" className="num" w={84} ta="right">
          {took(span.durationMs)}
        </Text>
      </summary>
      <div className="inside">
        <Facts
          rows={[
            ['Starts', `${took(span.startMs)} in`],
            ...Object.entries(span.attributes).map(([key, value]) => [key, String(value)] as const),
          ]}
        />
      </div>
    </details>
  )
}

function took(ms: number): string {
  return ms >= 1_000 ? `${(ms / 1_000).toFixed(2)} s` : `${ms.toFixed(2)} ms`
}

/** How deep each span lies. One whose parent is not shown here begins anew; parents that go in a circle end. */
function depthsOf(spans: readonly Span[]): ReadonlyMap<string, number> {
  const parents = new Map(spans.map(({ spanId, parentId }) => [spanId, parentId]))
  const depths = new Map<string, number>()
  for (const { spanId } of spans) {
    const above: string[] = []
    let at: string | undefined = spanId
    while (at !== undefined && parents.has(at) && !depths.has(at) && !above.includes(at) && above.length < 200) {
      above.push(at)
      at = parents.get(at)
    }
    const known = at === undefined ? -1 : (depths.get(at) ?? -1)
    for (const [up, id] of above.toReversed().entries()) depths.set(id, known + up + 1)
  }
  return depths
}
