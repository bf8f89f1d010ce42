import type { ReactNode } from 'react'
import { Go, GoButton } from '../../app/links.tsx'
import { changePath, paths } from '../../app/paths.ts'
import type { Run } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { CopyText, shortId } from '../../ui/Copy.tsx'
import { WebLink } from '../../ui/WebLink.tsx'

/** What the run was asked to do, what came of it, and where to go on. */
export function RunOutcome({ run }: { run: Run }) {
  const { result = {}, service } = run
  const change = changePath(result['change'])
  const url = textOf(result['url'])
  const version = textOf(result['version'])
  const digest = textOf(result['digest'])
  const rows: (readonly [string, ReactNode])[] = [
    ...(service
      ? [
          [
            'Service',
            <Go key="s" to={paths.service(service)}>
              {service}
            </Go>,
          ] as const,
        ]
      : []),
    ...(run.environment ? [['Environment', run.environment] as const] : []),
    ...(version ? [['Version', <code key="v">{version}</code>] as const] : []),
    ...(digest
      ? [['Image', <CopyText key="d" text={digest} shown={shortId(digest)} label="Copy the digest" />] as const]
      : []),
    ...(change
      ? [
          [
            'Change request',
            <Go key="c" to={change}>
              {String(result['change'])}
            </Go>,
          ] as const,
        ]
      : []),
    ...(url
      ? [
          [
            'Address',
            <WebLink key="u" href={url} inherit>
              {url}
            </WebLink>,
          ] as const,
        ]
      : []),
    ...(textOf(result['supersededBy'])
      ? [
          [
            'Superseded by',
            <Go key="n" to={paths.run(String(result['supersededBy']))}>
              {String(result['supersededBy'])}
            </Go>,
          ] as const,
        ]
      : []),
  ]
  const asked = Object.entries(run.input).filter(([, value]) => typeof value !== 'object')
  return (
    <div className="stack">
      <Card title="What came of it">
        {rows.length > 0 ? <Facts rows={rows} /> : 'Nothing to show yet.'}
        <div style={{ display: 'flex', gap: 8, marginTop: 12, flexWrap: 'wrap' }}>
          {run.state === 'succeeded' && service && <GoButton to={paths.service(service)}>Open {service}</GoButton>}
          {run.state === 'waiting' && change && <GoButton to={change}>Open the change request</GoButton>}
        </div>
      </Card>
      {asked.length > 0 && (
        <Card title="What was asked">
          <Facts rows={asked.map(([name, value]) => [name, String(value)] as const)} />
        </Card>
      )}
    </div>
  )
}

export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value ? value : undefined
}
