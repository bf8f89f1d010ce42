import { Button, Text, Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Go, GoButton } from '../../app/links.tsx'
import { Visited } from '../../app/palette/recent.ts'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import { type ServiceTab, serviceTabs } from '../../../src/model/service-tabs.ts'
import type { ServiceDetail, ServiceInEnvironment } from '../../model.ts'
import { Ago } from '../../ui/Ago.tsx'
import { CopyCli, shortVersion } from '../../ui/Copy.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Page } from '../../ui/Page.tsx'
import { Status } from '../../ui/Status.tsx'
import { WebLink } from '../../ui/WebLink.tsx'

// The router would mark every link whose address begins this one.
const exactly = { exact: true, includeSearch: false }

/** What stands on every page of a service: owner, state, release per environment, the acts, and the tabs. */
export function ServiceFrame({
  tab,
  cli,
  children,
}: {
  tab: ServiceTab
  cli?: string
  children: (service: ServiceDetail) => ReactNode
}) {
  const { name } = useParams({ strict: false }) as { name: string }
  const service = useQuery(queries.service(name))
  return (
    <Loaded query={service} lines={12} title={name}>
      {(found) => (
        <Page
          title={found.name}
          aside={
            <>
              <Status state={found.health} /> <Status state={found.sync} />
            </>
          }
          subtitle={
            <>
              Service owned by <Go to={`${paths.catalog}?owner=${found.owner}`}>{found.owner}</Go> · lifecycle{' '}
              {found.lifecycle}
              {found.packaging !== 'score' && ` · packaged with ${found.packaging}, off the default path`} ·{' '}
              {found.description}
            </>
          }
          actions={
            <>
              <CopyCli command={cli ?? `fairway status ${name}`} />
              <Acts service={found} />
            </>
          }
        >
          <Visited path={paths.service(name)} title={name} detail={`service of ${found.owner}`} />
          <Strip service={found} />
          <div>
            <nav className="tabs" aria-label="Service">
              {serviceTabs.map((one) => (
                <Link
                  key={one}
                  to={paths.serviceTab(name, one)}
                  activeOptions={exactly}
                  aria-current={one === tab ? 'page' : undefined}
                >
                  {one[0]?.toUpperCase()}
                  {one.slice(1)}
                </Link>
              ))}
            </nav>
            {children(found)}
          </div>
        </Page>
      )}
    </Loaded>
  )
}

function Acts({ service }: { service: ServiceDetail }) {
  const promote = service.promote.find(({ can }) => can)
  const back = service.rollback.find(({ can }) => can)
  return (
    <>
      <Act
        label={promote ? `Promote to ${promote.environment}` : 'Promote'}
        to={promote && `${paths.promote(service.name)}?to=${promote.environment}`}
        why={reasons(service.promote)}
      />
      <Act
        label="Roll back"
        quiet
        to={back && `${paths.rollback(service.name)}?environment=${back.environment}`}
        why={reasons(service.rollback)}
      />
    </>
  )
}

/** A disabled act says why, to everybody: the reason is its tooltip and its description. */
function Act({ label, to, why, quiet }: { label: string; to: string | undefined; why: string; quiet?: boolean }) {
  const look = quiet ? ({ variant: 'default' } as const) : {}
  if (to)
    return (
      <GoButton to={to} {...look}>
        {label}
      </GoButton>
    )
  return (
    <Tooltip label={why} multiline maw={360} events={{ hover: true, focus: true, touch: true }}>
      <Button variant="default" data-disabled aria-disabled aria-label={`${label}: not now. ${why}`}>
        {label}
      </Button>
    </Tooltip>
  )
}

function reasons(possible: readonly { environment: string; reason?: string }[]): string {
  return (
    possible.map(({ environment, reason }) => `${environment}: ${reason ?? 'not possible'}`).join(' · ') ||
    'there is no environment for it'
  )
}

function Strip({ service }: { service: ServiceDetail }) {
  return (
    <ol className="strip" aria-label="Environments">
      {service.environments.map((environment) => (
        <li key={environment.name} className="card">
          <InStrip service={service} at={environment} />
        </li>
      ))}
    </ol>
  )
}

function InStrip({ service, at }: { service: ServiceDetail; at: ServiceInEnvironment }) {
  const promote = service.promote.find(({ environment }) => environment === at.name)
  return (
    <>
      <div style={{ display: 'flex', justifyContent: 'space-between', gap: 8, flexWrap: 'wrap' }}>
        <strong>{at.name}</strong>
        <Status state={at.health} />
      </div>
      {at.release ? (
        <>
          <div>
            <code title={at.release.version}>{shortVersion(at.release.version)}</code>{' '}
            <Text span size="sm" c="dimmed">
              {at.replicas && `${at.replicas.ready}/${at.replicas.desired} ready, `}
              <Ago at={at.deployedAt} />
            </Text>
          </div>
          {at.url && (
            <WebLink href={at.url} size="sm">
              {at.url.replace(/^https?:\/\//, '')}
            </WebLink>
          )}
        </>
      ) : (
        <Text size="sm" c="dimmed">
          {promote?.can ? (
            <Go to={`${paths.promote(service.name)}?to=${at.name}`}>
              Promote {promote.version && shortVersion(promote.version)} here
            </Go>
          ) : (
            (promote?.reason ?? 'Nothing was deployed here yet.')
          )}
        </Text>
      )}
      {at.reason && (
        <Text size="sm" className={at.health === 'degraded' ? 'bad' : 'mute'}>
          {at.reason}
        </Text>
      )}
      {at.sync !== 'synced' && at.sync !== 'absent' && (
        <Status state={at.sync} word={at.sync === 'failed' ? 'Rollout failed' : undefined} />
      )}
    </>
  )
}
