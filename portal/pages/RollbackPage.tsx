import type { ApiClient } from '@fairway/client'
import { Button, Group, SegmentedControl, Text, Textarea } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { api, data } from '../app/api.ts'
import { CopyCurl } from '../app/CopyCurl.tsx'
import { Go, GoButton } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import { useAddress } from '../app/search.ts'
import type { ServiceDetail } from '../model.ts'
import { CopyCli, shortVersion } from '../ui/Copy.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Failure } from '../ui/Failure.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { DeliveryPreviewView } from './DeliveryPreviewView.tsx'

/** The way back before it is taken: which deployment returns, the difference, and why it may or may not. */
export function RollbackPage() {
  const { name } = useParams({ strict: false }) as { name: string }
  const service = useQuery(queries.service(name))
  return (
    <Loaded query={service} lines={10}>
      {(found) => <Choose service={found} />}
    </Loaded>
  )
}

function Choose({ service }: { service: ServiceDetail }) {
  const [{ environment, to }, set] = useAddress()
  const names = service.rollback.map((possible) => possible.environment)
  const chosen =
    environment && names.includes(environment)
      ? environment
      : (service.rollback.find(({ can }) => can)?.environment ?? names[0])
  const possible = service.rollback.find((one) => one.environment === chosen)
  return (
    <Page
      title={`Roll back ${service.name}${chosen ? ` in ${chosen}` : ''}`}
      subtitle={<Go to={paths.service(service.name)}>{service.name}</Go>}
      actions={
        chosen && (
          <CopyCli command={`fairway rollback ${service.name} --env ${chosen}${to ? ` --to ${to}` : ''} --wait`} />
        )
      }
    >
      <Group>
        <SegmentedControl
          aria-label="Environment"
          size="xs"
          data={names}
          value={chosen ?? ''}
          onChange={(next) => set({ environment: next, to: undefined })}
        />
      </Group>
      {!chosen || !possible?.can ? (
        <>
          <Empty
            title={`There is no way back${chosen ? ` in ${chosen}` : ''}${possible?.version ? ' for you' : ''}`}
            body={possible?.reason}
            action={<GoButton to={paths.service(service.name)}>Back to {service.name}</GoButton>}
          />
          {chosen && possible?.version !== undefined && (
            <WouldChange name={service.name} environment={chosen} to={to} />
          )}
        </>
      ) : (
        <Rollback key={`${chosen} ${to}`} name={service.name} environment={chosen} to={to} />
      )}
    </Page>
  )
}

interface Target {
  readonly name: string
  readonly environment: string
  readonly to: string | undefined
}

/** For whoever may read and not roll back: the same difference and verdict. */
function WouldChange({ name, environment, to }: Target) {
  const { data: answer } = useQuery({
    ...queries.rollbackPreview(name, { environment, ...(to && { to }) }),
    retry: false,
  })
  return answer && 'preview' in answer ? <DeliveryPreviewView preview={answer.preview} /> : null
}

function Rollback({ name, environment, to }: Target) {
  const navigate = useNavigate()
  const key = useMemo(() => crypto.randomUUID(), [])
  const [reason, setReason] = useState('')
  const target = { environment, ...(to && { to }) }
  const preview = useQuery(queries.rollbackPreview(name, target))
  const rollback = (client: ApiClient) =>
    client.POST('/api/v1/services/{name}/rollbacks', {
      params: { path: { name }, header: { 'idempotency-key': key } },
      body: { ...target, reason, dryRun: false },
    })
  const back = useMutation({
    mutationFn: () => data(rollback(api)),
    onSuccess: (started) => 'run' in started && void navigate({ to: paths.run(started.run.id) }),
  })
  return (
    <Loaded query={preview} lines={12}>
      {(answer) =>
        'preview' in answer && (
          <>
            <Textarea
              label="Reason"
              description="Goes into the audit log and the commit."
              value={reason}
              maxLength={500}
              maw={560}
              autosize
              minRows={1}
              onChange={({ currentTarget }) => setReason(currentTarget.value)}
            />
            <Group gap="xs">
              <Button
                size="sm"
                disabled={!answer.preview.verdict.allowed}
                loading={back.isPending}
                onClick={() => back.mutate()}
              >
                Roll back to {shortVersion(answer.preview.to.version)}
              </Button>
              <GoButton size="sm" variant="default" to={paths.service(name)}>
                Not now
              </GoButton>
              <CopyCurl asking={rollback} />
              <Text size="sm">
                {answer.preview.verdict.allowed
                  ? answer.preview.approval
                  : 'A rule that is newer than that release denies it; see below.'}
              </Text>
            </Group>
            {back.error && <Failure error={back.error} title="Not rolled back" />}
            <DeliveryPreviewView preview={answer.preview} />
          </>
        )
      }
    </Loaded>
  )
}
