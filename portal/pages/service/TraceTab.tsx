import { Text } from '@mantine/core'
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
  return (
    <ol className="steps">
      {spans.map((span) => {
        const depth = depthOf(span, spans)
        return (
          <li key={span.spanId}>
            <details>
              <summary>
                <span style={{ flex: '0 1 38%', minWidth: 0, paddingLeft: depth * 14 }}>
                  {span.error && <Status state="error" quiet />} {span.name}
                  <Text span size="xs" c="dimmed">
                    {' '}
                    {span.service} · {span.kind}
                  </Text>
                </span>
                <span style={{ flex: '1 1 auto' }} aria-hidden>
                  <span
                    className={span.error ? 'bar failed' : 'bar'}
                    style={{
                      display: 'block',
                      marginLeft: `${(span.startMs / whole) * 100}%`,
                      width: `${Math.min(100 - (span.startMs / whole) * 100, (span.durationMs / whole) * 100)}%`,
                    }}
                  />
                </span>
                <Text span size="sm" c="dimmed" className="num" w={84} ta="right">
                  {span.durationMs.toFixed(2)} ms
                </Text>
              </summary>
              <div className="inside">
                <Facts
                  rows={[
                    ['Starts', `${span.startMs.toFixed(2)} ms in`],
                    ...Object.entries(span.attributes).map(([key, value]) => [key, String(value)] as const),
                  ]}
                />
              </div>
            </details>
          </li>
        )
      })}
    </ol>
  )
}

function depthOf(span: Span, spans: readonly Span[]): number {
  let depth = 0
  let above = spans.find(({ spanId }) => spanId === span.parentId)
  while (above && depth < 12) {
    depth += 1
    const parent: string | undefined = above.parentId
    above = spans.find(({ spanId }) => spanId === parent)
  }
  return depth
}
