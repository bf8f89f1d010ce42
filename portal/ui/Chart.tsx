import 'uplot/dist/uPlot.min.css'
import { Table } from '@mantine/core'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import type { MetricSeries } from '../model.ts'

interface ChartProps {
  readonly name: string
  readonly series: readonly MetricSeries[]
  readonly from: string
  readonly to: string
}

const colours = ['--fw-busy', '--fw-good', '--fw-warn', '--fw-bad', '--fw-mute']

/** Lines over time. A canvas says nothing to a screen reader: it has a summary, and the numbers stand in a table. */
export function Chart({ name, series, from, to }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme('light')
  useEffect(() => {
    const parent = place.current
    if (!parent) return undefined
    const plot = new UPlot(optionsFor({ series, from, to, width: parent.clientWidth }), dataOf(series), parent)
    const resized = new ResizeObserver(() => plot.setSize({ width: parent.clientWidth, height }))
    resized.observe(parent)
    return () => {
      resized.disconnect()
      plot.destroy()
    }
  }, [series, from, to, scheme])
  return (
    <>
      <div
        ref={place}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- the canvas is drawn into it
        role="img"
        aria-label={summary(name, series)}
        style={{ minHeight: height + 30, overflow: 'hidden' }}
      />
      <details>
        <summary style={{ cursor: 'pointer', minHeight: 24, fontSize: 13 }}>Show as table</summary>
        <Numbers name={name} series={series} />
      </details>
    </>
  )
}

const height = 180

function optionsFor({ series, from, to, width }: Omit<ChartProps, 'name'> & { width: number }): UPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const axis = {
    stroke: colour('--fw-mute'),
    grid: { stroke: colour('--fw-line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui',
  }
  return {
    width,
    height,
    cursor: { y: false },
    scales: {
      x: { range: [Date.parse(from) / 1000, Date.parse(to) / 1000] },
      y: { range: (_, min, max) => [Math.min(0, min ?? 0), (max ?? 1) === 0 ? 1 : (max ?? 1) * 1.1] },
    },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map((tick) => timeOf(tick, Date.parse(to) - Date.parse(from))) },
      { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => short(tick, series[0]?.unit ?? '')) },
    ],
    series: [
      { value: (_: UPlot, at: number | null) => (at === null ? '–' : new Date(at * 1000).toLocaleTimeString('en-GB')) },
      ...series.map((one, index) => ({
        label: labelOf(one),
        stroke: colour(colours[index % colours.length] ?? '--fw-busy'),
        width: 1.5,
        points: { show: one.points.filter(([, value]) => value !== null).length < 3 },
        value: (_: UPlot, value: number | null) => (value === null ? '–' : short(value, one.unit)),
      })),
    ],
  }
}

function timeOf(seconds: number, range: number): string {
  const date = new Date(seconds * 1000)
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  return range > 90_000_000 ? `${date.getDate()}.${date.getMonth() + 1}. ${time}` : time
}

function dataOf(series: readonly MetricSeries[]): UPlot.AlignedData {
  const times = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].toSorted((a, b) => a - b)
  const lines = series.map(({ points }) => {
    const values = new Map(points as [number, number | null][])
    return times.map((at) => values.get(at) ?? null)
  })
  return [times.map((at) => at / 1000), ...lines]
}

function labelOf({ labels, name }: MetricSeries): string {
  return Object.values(labels).join(' ') || name
}

function lastOf({ points }: MetricSeries): number | null {
  return (points as [number, number | null][]).findLast(([, value]) => value !== null)?.[1] ?? null
}

function summary(name: string, series: readonly MetricSeries[]): string {
  return `${name}: ${series.map((one) => `${labelOf(one)} now ${short(lastOf(one) ?? 0, one.unit)}`).join(', ')}`
}

function short(value: number, unit: string): string {
  if (unit === 'By' || unit === 'bytes')
    return value > 1_048_576 ? `${(value / 1_048_576).toFixed(0)} MiB` : `${(value / 1024).toFixed(0)} KiB`
  if (value >= 10_000) return `${(value / 1000).toFixed(0)} k`
  return Number(value.toPrecision(3)).toString()
}

function Numbers({ name, series }: { name: string; series: readonly MetricSeries[] }) {
  const [times = [], ...lines] = dataOf(series)
  const rows = [...times]
    .map((at, index) => ({ at, values: lines.map((line) => line[index] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null))
  return (
    <section
      className="tablewrap"
      aria-label={`${name} as numbers`}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
      tabIndex={0}
      style={{ maxHeight: 220, overflowY: 'auto' }}
    >
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Time</Table.Th>
            {series.map((one) => (
              <Table.Th key={labelOf(one)} scope="col">
                {labelOf(one)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.slice(-120).map(({ at, values }) => (
            <Table.Tr key={at}>
              <Table.Td>{new Date(at * 1000).toLocaleTimeString()}</Table.Td>
              {values.map((value, index) => (
                <Table.Td key={labelOf(series[index] as MetricSeries)}>
                  {value === null ? '–' : short(value, series[index]?.unit ?? '')}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}
