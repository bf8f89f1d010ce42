import { Button, Group, Switch, Text } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useAddress } from '../../app/search.ts'
import type { LogLine, ServiceDetail } from '../../model.ts'
import { Empty } from '../../ui/Empty.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { Filters } from '../../ui/Filters.tsx'
import { EnvironmentPicker, useEnvironment } from './EnvironmentPicker.tsx'
import { LogLines } from './LogLines.tsx'
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
  const { level, contains, traceId } = address
  const logs = useLogs(service.name, {
    environment,
    ...(level && { level: level as LogLine['level'] }),
    ...(contains && { contains }),
    ...(traceId && { traceId }),
  })
  return (
    <div className="stack">
      <Group align="flex-end" gap="sm">
        <EnvironmentPicker service={service} />
        <Filters
          facets={traceId ? [...facets, { name: 'traceId', label: 'Trace' }] : facets}
          values={address}
          set={set}
        />
        <Switch
          label="Wrap"
          checked={wrap}
          onChange={({ currentTarget }) => setWrap(currentTarget.checked)}
          styles={{ root: { alignSelf: 'center' } }}
        />
        <Group gap="xs" ml="auto">
          <Button
            variant="default"
            onClick={() => void navigator.clipboard.writeText(textOf(logs.lines))}
            disabled={logs.lines.length === 0}
          >
            Copy
          </Button>
          <Button
            variant="default"
            onClick={() => download(`${service.name}-${environment}.log`, textOf(logs.lines))}
            disabled={logs.lines.length === 0}
          >
            Download
          </Button>
        </Group>
      </Group>
      {logs.error !== undefined && <Failure error={logs.error} title="The log cannot be read" retry={logs.again} />}
      {logs.lines.length > 0 ? (
        <LogLines service={service.name} environment={environment} logs={logs} wrap={wrap} />
      ) : (
        logs.loaded &&
        logs.error === undefined && (
          <Empty
            title={level || contains || traceId ? 'No line matches' : `No line from ${environment} yet`}
            body={
              level || contains || traceId
                ? 'Change the filters to see more.'
                : 'Lines appear here as the service writes them; this page follows.'
            }
          />
        )
      )}
      <Text size="sm" c="dimmed" hidden={logs.error !== undefined && logs.lines.length === 0}>
        {logs.lines.length} lines
        {logs.dropped > 0 && `, ${logs.dropped} older ones left the page; load them again with “Older lines”`}. Times
        are local.
      </Text>
    </div>
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
