import { Button, Group, SegmentedControl, Switch, Text } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useAddress } from '../../app/search.ts'
import type { LogLine, ServiceDetail } from '../../model.ts'
import { Empty } from '../../ui/Empty.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { Filters } from '../../ui/Filters.tsx'
import { EnvironmentPicker, useEnvironment } from './EnvironmentPicker.tsx'
import { LogLines } from './LogLines.tsx'
import { fromAddress } from './LogRow.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'
import { useLogs } from './useLogs.ts'

const facets = [
  { name: 'contains', label: 'Contains' },
  { name: 'level', label: 'Level', options: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] },
]

/** The log of a service in one environment, followed as it grows. */
export function LogsTab() {
  const { name } = useParams({ strict: false }) as { name: string }
  const [{ environment }] = useAddress()
  return (
    <ServiceFrame tab="logs" cli={`fairway logs ${name} --env ${environment ?? 'dev'} -f`}>
      {(service) => <Logs service={service} />}
    </ServiceFrame>
  )
}

function Logs({ service }: { service: ServiceDetail }) {
  const [address, set] = useAddress()
  const environment = useEnvironment(service)
  const [wrap, setWrap] = useState(true)
  const { level, contains, traceId, instance } = address
  const line = fromAddress(address['line'])
  const utc = address['times'] === 'utc'
  const logs = useLogs(service.name, {
    environment,
    ...(line && { line }),
    ...(level && { level: level as LogLine['level'] }),
    ...(contains && { contains }),
    ...(traceId && { traceId }),
  })
  const instances = [...new Set(logs.lines.map((one) => one.instance))].toSorted()
  const lines = instance ? logs.lines.filter((one) => one.instance === instance) : logs.lines
  const isFiltered = Boolean(level || contains || traceId || instance)
  return (
    <div className="stack">
      <Group align="flex-end" gap="sm">
        <EnvironmentPicker service={service} />
        <Filters
          facets={[
            ...facets,
            ...(instances.length > 1 || instance ? [{ name: 'instance', label: 'Instance', options: instances }] : []),
            ...(traceId ? [{ name: 'traceId', label: 'Trace' }] : []),
          ]}
          values={address}
          set={set}
        />
        <Switch
          label="Wrap"
          checked={wrap}
          onChange={({ currentTarget }) => setWrap(currentTarget.checked)}
          styles={{ root: { alignSelf: 'center' } }}
        />
        <SegmentedControl
          size="xs"
          aria-label="Times"
          data={[
            { value: 'local', label: 'Local' },
            { value: 'utc', label: 'UTC' },
          ]}
          value={utc ? 'utc' : 'local'}
          onChange={(next) => set({ times: next === 'utc' ? next : undefined })}
        />
        <Group gap="xs" ml="auto">
          <Button
            variant="default"
            onClick={() => void navigator.clipboard.writeText(textOf(lines))}
            disabled={lines.length === 0}
          >
            Copy
          </Button>
          <Button
            variant="default"
            onClick={() => download(`${service.name}-${environment}.log`, textOf(lines))}
            disabled={lines.length === 0}
          >
            Download
          </Button>
        </Group>
      </Group>
      {logs.error !== undefined && <Failure error={logs.error} title="The log cannot be read" retry={logs.again} />}
      {line && <Linked isThere={logs.lines.some(({ cursor }) => cursor === line)} loaded={logs.loaded} set={set} />}
      {lines.length > 0 ? (
        <LogLines
          key={line}
          label={`Log of ${service.name} in ${environment}`}
          logs={logs}
          lines={lines}
          linked={line}
          looks={{ service: service.name, environment, wrap, utc, found: contains }}
        />
      ) : (
        logs.loaded &&
        logs.error === undefined && (
          <Empty
            title={isFiltered ? 'No line matches' : `No line from ${environment} yet`}
            body={
              isFiltered
                ? 'Change the filters to see more.'
                : 'Lines appear here as the service writes them; this page follows.'
            }
          />
        )
      )}
      <Text size="sm" c="dimmed" hidden={logs.error !== undefined && lines.length === 0}>
        {lines.length} {isFiltered ? 'matching ' : ''}lines
        {logs.dropped > 0 && `, ${logs.dropped} older ones left the page; load them again with “Older lines”`}. Times
        are {utc ? 'UTC' : 'local'}.
      </Text>
    </div>
  )
}

/** What a link to a line shows, and the way back to the end of the log. */
function Linked({
  isThere,
  loaded,
  set,
}: {
  isThere: boolean
  loaded: boolean
  set: (patch: Record<string, undefined>) => void
}) {
  return (
    <Group gap="sm">
      <Text size="sm">
        {isThere || !loaded
          ? 'The line of this link stands out, with what came before and after it.'
          : 'The line of this link is no longer kept, or was not written here. These are the newest lines.'}
      </Text>
      <Button variant="default" size="xs" onClick={() => set({ line: undefined })}>
        Back to the newest lines
      </Button>
    </Group>
  )
}

function textOf(lines: readonly LogLine[]): string {
  return lines.map(({ at, level, instance, text }) => `${at} ${level.toUpperCase()} ${instance} ${text}`).join('\n')
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  URL.revokeObjectURL(url)
}
