import type { ApiClient } from '@fairway/client'
import { Button, Group, SegmentedControl, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useMemo } from 'react'
import { api, data } from '../app/api.ts'
import { CopyCurl } from '../app/CopyCurl.tsx'
import { Go, GoButton } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import { useAddress } from '../app/search.ts'
import type { ServiceDetail } from '../model.ts'
import { CopyCli } from '../ui/Copy.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Failure } from '../ui/Failure.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { DeliveryPreviewView } from './DeliveryPreviewView.tsx'

/** A promotion before it exists: the rendered difference, the verdict, who must agree. */
export function PromotePage() {
  const { name } = useParams({ strict: false }) as { name: string }
  const service = useQuery(queries.service(name))
  return (
    <Loaded query={service} lines={10}>
      {(found) => <Choose service={found} />}
    </Loaded>
  )
}

function Choose({ service }: { service: ServiceDetail }) {
  const [{ to, version }, set] = useAddress()
  const targets = service.promote.map(({ environment }) => environment)
  const chosen = to && targets.includes(to) ? to : (service.promote.find(({ can }) => can)?.environment ?? targets[0])
  const possible = service.promote.find(({ environment }) => environment === chosen)
  return (
    <Page
      title={`Promote ${service.name}${chosen ? ` to ${chosen}` : ''}`}
      subtitle={
        <>
          <Go to={paths.service(service.name)}>{service.name}</Go>
          {possible?.from && `, from ${possible.from}`}
        </>
      }
      actions={chosen && <CopyCli command={`fairway promote ${service.name} --to ${chosen} --wait`} />}
    >
      {targets.length > 1 && (
        <Group>
          <SegmentedControl
            aria-label="Environment"
            size="xs"
            data={targets}
            value={chosen ?? ''}
            onChange={(next) => set({ to: next })}
          />
        </Group>
      )}
      {!chosen || !possible?.can ? (
        <>
          <Empty
            title={`${service.name} cannot be promoted${chosen ? ` to ${chosen}` : ''} now`}
            body={possible?.reason}
            action={<GoButton to={paths.service(service.name)}>Back to {service.name}</GoButton>}
          />
          {chosen && possible?.version !== undefined && (
            <WouldChange name={service.name} to={chosen} version={version} />
          )}
        </>
      ) : (
        <Promotion key={chosen} name={service.name} to={chosen} version={version} />
      )}
    </Page>
  )
}

/** For whoever may read and not promote: the same difference and verdict. Nothing where there is nothing to promote. */
function WouldChange({ name, to, version }: { name: string; to: string; version: string | undefined }) {
  const { data: preview } = useQuery({ ...queries.diff(name, to, version), retry: false })
  return preview ? <DeliveryPreviewView preview={preview} /> : null
}

function Promotion({ name, to, version }: { name: string; to: string; version: string | undefined }) {
  const navigate = useNavigate()
  const key = useMemo(() => crypto.randomUUID(), [])
  const preview = useQuery(queries.diff(name, to, version))
  // the version that was looked at, even if a newer one arrives meanwhile
  const promotion = (looked: string) => (client: ApiClient) =>
    client.POST('/api/v1/services/{name}/promotions', {
      params: { path: { name }, header: { 'idempotency-key': key } },
      body: { to, version: looked, dryRun: false },
    })
  const promote = useMutation({
    mutationFn: (looked: string) => data(promotion(looked)(api)),
    onSuccess: (started) => 'run' in started && void navigate({ to: paths.run(started.run.id) }),
  })
  return (
    <Loaded query={preview} lines={12}>
      {(found) => (
        <>
          <Group gap="xs">
            <Button
              size="sm"
              disabled={!found.verdict.allowed}
              loading={promote.isPending}
              onClick={() => promote.mutate(found.to.version)}
            >
              Promote to {to}
            </Button>
            <GoButton size="sm" variant="default" to={paths.service(name)}>
              Not now
            </GoButton>
            <CopyCurl asking={promotion(found.to.version)} />
            <Text size="sm">
              {found.verdict.allowed ? found.approval : 'A rule denies this; see below how to fix it.'}
            </Text>
          </Group>
          {promote.error && <Failure error={promote.error} title="Not promoted" />}
          <DeliveryPreviewView preview={found} />
        </>
      )}
    </Loaded>
  )
}
