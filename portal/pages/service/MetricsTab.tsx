import { Group, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { queries } from '../../app/queries.ts'
import { useAddress } from '../../app/search.ts'
import type { MetricSeries, ServiceDetail } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
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
  return <ServiceFrame tab="metrics">{(service) => <Metrics service={service} />}</ServiceFrame>
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
      </Group>
      <Loaded query={metrics} lines={10}>
        {({ series, from, to }) => {
          const charts = byName(series as MetricSeries[])
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
                  <Suspense>
                    <Chart name={name} series={group} from={from} to={to} />
                  </Suspense>
                </Card>
              ))}
            </div>
          )
        }}
      </Loaded>
    </div>
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
