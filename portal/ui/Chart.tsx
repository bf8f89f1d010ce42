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
const meanings: Readonly<Record<string, string>> = {
  '2xx': '--fw-good',
  '3xx': '--fw-mute',
  '4xx': '--fw-warn',
  '5xx': '--fw-bad',
}
// Lines are told apart without their colour, too.
const strokes = [
  { dash: [], legend: 'solid' },
  { dash: [8, 4], legend: 'dashed' },
  { dash: [2, 3], legend: 'dotted' },
  { dash: [10, 3, 2, 3], legend: 'double' },
] as const
const strokeOf = (index: number) => strokes[index % strokes.length] ?? strokes[0]

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
        <Numbers name={name} series={series} rangeMs={Date.parse(to) - Date.parse(from)} />
      </details>
    </>
  )
}

const height = 180

function optionsFor({ series, from, to, width }: Omit<ChartProps, 'name'> & { width: number }): UPlot.Options {
  const rangeMs = Date.parse(to) - Date.parse(from)
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
    legend: { markers: { width: 3, dash: (_, index) => strokeOf(index - 1).legend } },
    scales: {
      x: { range: [Date.parse(from) / 1000, Date.parse(to) / 1000] },
      y: { range: (_, min, max) => [Math.min(0, min ?? 0), (max ?? 1) === 0 ? 1 : (max ?? 1) * 1.1] },
    },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map((tick) => timeOf(tick, rangeMs)) },
      { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => short(tick, series[0]?.unit ?? '')) },
    ],
    series: [
      { value: (_: UPlot, at: number | null) => (at === null ? 'last' : timeOf(at, rangeMs)) },
      ...series.map((one, index) => ({
        label: labelOf(one),
        stroke: colour(meanings[labelOf(one)] ?? colours[index % colours.length] ?? '--fw-busy'),
        width: 1.5,
        dash: [...strokeOf(index).dash],
        points: { show: one.points.filter(([, value]) => value !== null).length < 3 },
        // Nothing is pointed at: the last value that is known.
        value: (...[, value, , at]: [UPlot, number | null, number, number | null]) =>
          shown(at === null ? (lastOf(one)?.[1] ?? null) : value, one.unit),
      })),
    ],
  }
}

function timeOf(seconds: number, range: number, exact = false): string {
  const date = new Date(seconds * 1000)
  const time = date.toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(exact && { second: '2-digit' }),
  })
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

function lastOf({ points }: MetricSeries): [number, number | null] | undefined {
  return (points as [number, number | null][]).findLast(([, value]) => value !== null)
}

/** The last known value of each line and when it was: it may be long ago. */
function summary(name: string, series: readonly MetricSeries[]): string {
  const told = series.map((one) => {
    const last = lastOf(one)
    const at = last && new Date(last[0]).toLocaleString('en-GB')
    return last ? `${labelOf(one)} ${shown(last[1], one.unit)} ${unitOf(one.unit)}at ${at}` : `${labelOf(one)} unknown`
  })
  return `${name}: ${told.join(', ')}. The numbers stand in the table below.`
}

function shown(value: number | null, unit: string): string {
  return value === null ? '–' : short(value, unit)
}

/** What stands behind a number, where the number does not say it itself. */
function unitOf(unit: string): string {
  return ['1', 'By', 'bytes'].includes(unit) ? '' : `${unit} `
}

function short(value: number, unit: string): string {
  if (unit === 'By' || unit === 'bytes')
    return value > 1_048_576 ? `${(value / 1_048_576).toFixed(0)} MiB` : `${(value / 1024).toFixed(0)} KiB`
  if (value >= 10_000) return `${(value / 1000).toFixed(0)} k`
  return Number(value.toPrecision(3)).toString()
}

function Numbers({ name, series, rangeMs }: Pick<ChartProps, 'name' | 'series'> & { rangeMs: number }) {
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
                {labelOf(one)} {unitOf(one.unit)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.slice(-120).map(({ at, values }) => (
            <Table.Tr key={at}>
              <Table.Th scope="row">{timeOf(at, rangeMs, true)}</Table.Th>
              {values.map((value, index) => (
                <Table.Td key={labelOf(series[index] as MetricSeries)}>
                  {shown(value, series[index]?.unit ?? '')}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}
