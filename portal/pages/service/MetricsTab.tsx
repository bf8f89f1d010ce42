import { Group, SegmentedControl, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { queries } from '../../app/queries.ts'
import { useAddress } from '../../app/search.ts'
import type { MetricsAsCode, MetricSeries, ServiceDetail } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { WebLink } from '../../ui/WebLink.tsx'
import { AlertRules } from './AlertRules.tsx'
import { EnvironmentPicker, useEnvironment } from './EnvironmentPicker.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'

const Chart = lazy(async () => ({ default: (await import('../../ui/Chart.tsx')).Chart }))
const ranges = [
  { value: '15', label: '15 min' },
  { value: '60', label: '1 h' },
  { value: '360', label: '6 h' },
  { value: '1440', label: '24 h' },
  { value: '10080', label: '7 d' },
]

/** Golden signals, each as a chart with its table behind it. */
export function MetricsTab() {
  const { name } = useParams({ strict: false }) as { name: string }
  const [{ environment }] = useAddress()
  return (
    <ServiceFrame tab="metrics" cli={`fairway metrics ${name} --env ${environment ?? 'dev'}`}>
      {(service) => <Metrics service={service} />}
    </ServiceFrame>
  )
}

function Metrics({ service }: { service: ServiceDetail }) {
  const [address, set] = useAddress()
  const environment = useEnvironment(service)
  const minutes = ranges.some(({ value }) => value === address['minutes']) ? String(address['minutes']) : '60'
  const metrics = useQuery(queries.metrics(service.name, environment, Number(minutes)))
  return (
    <div className="stack">
      <Group gap="sm">
        <EnvironmentPicker service={service} />
        <SegmentedControl
          size="xs"
          aria-label="Time range"
          data={ranges}
          value={minutes}
          onChange={(value) => set({ minutes: value })}
        />
        <Dashboard asCode={metrics.isPlaceholderData ? undefined : metrics.data?.asCode} />
      </Group>
      <Loaded query={metrics} lines={10}>
        {({ series, from, to, asCode }) => (
          <>
            <Charts series={series as MetricSeries[]} environment={environment} span={{ from, to }} />
            {asCode && <AlertRules asCode={asCode} environment={environment} />}
          </>
        )}
      </Loaded>
    </div>
  )
}

function Charts({
  series,
  environment,
  span,
}: {
  series: readonly MetricSeries[]
  environment: string
  span: { from: string; to: string }
}) {
  const charts = byName(series)
  if (charts.length === 0)
    return (
      <Empty
        title={`No metrics from ${environment} in this time`}
        body="They come over OpenTelemetry once the service answers requests there."
      />
    )
  return (
    <div className="charts">
      {charts.map(([name, group]) => (
        <Card key={name} title={titleOf(name, group)}>
          <Suspense fallback={<Skeleton height={210} aria-busy aria-label="Loading" />}>
            <Chart name={name} series={group} {...span} />
          </Suspense>
        </Card>
      ))}
    </div>
  )
}

/** The same signals in the tool that the operator runs; nothing where no dashboard is deployed. */
function Dashboard({ asCode }: { asCode: MetricsAsCode | undefined }) {
  if (!asCode?.dashboard) return null
  const { product, url } = asCode.dashboard
  return (
    <WebLink href={url} size="sm">
      Open in {product}
    </WebLink>
  )
}

function byName(series: readonly MetricSeries[]): [string, MetricSeries[]][] {
  const withPoints = series.filter(({ points }) => points.some(([, value]) => value !== null))
  return Object.entries(Object.groupBy(withPoints, ({ name }) => name)).map(([name, group]) => [name, group ?? []])
}

function titleOf(name: string, [first]: readonly MetricSeries[]): string {
  const unit = first && !['1', 'By'].includes(first.unit) ? `, ${first.unit}` : ''
  const title = name === 'cpu' ? 'CPU' : `${name[0]?.toUpperCase()}${name.slice(1)}`
  return title + unit
}
