import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Go } from '../app/links.tsx'
import { Visited } from '../app/palette/recent.ts'
import { paths } from '../app/paths.ts'
import { type ChangePath, queries } from '../app/queries.ts'
import type { ChangeRequest } from '../model.ts'
import { Ago } from '../ui/Ago.tsx'
import { Card } from '../ui/Card.tsx'
import { CopyCli, shortId, withShortVersions } from '../ui/Copy.tsx'
import { FileDiffs } from '../ui/FileDiffs.tsx'
import { Findings } from '../ui/Findings.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { Status } from '../ui/Status.tsx'
import { ChangeDecision } from './change/ChangeDecision.tsx'
import { CommitList } from './change/CommitList.tsx'
import { Facts } from './run/RunOutcome.tsx'

/** One change request of any repository: what changes, what was checked, who decides. */
export function ChangePage() {
  const params = useParams({ strict: false }) as { owner: string; repo: string; number: string }
  const path = { ...params, number: Number(params.number) }
  const change = useQuery(queries.change(path))
  return (
    <Loaded query={change} lines={12} title="Change request">
      {(found) => <OneChange key={found.id} change={found} path={path} />}
    </Loaded>
  )
}

function OneChange({ change, path }: { change: ChangeRequest; path: ChangePath }) {
  const diff = useQuery(queries.changeDiff(path, change.headCommit))
  return (
    <Page
      title={withShortVersions(change.title)}
      aside={<Status state={change.state} />}
      subtitle={
        <>
          {change.id} by {change.author}, <Ago at={change.createdAt} />
          {change.mergedBy && (
            <>
              , merged by {change.mergedBy} <Ago at={change.mergedAt} />
            </>
          )}
        </>
      }
      actions={<CopyCli command={`fairway change show ${change.id}`} />}
    >
      <Visited path={paths.change(change)} title={withShortVersions(change.title)} detail={change.id} />
      <div className="two">
        <div className="stack" style={{ minWidth: 0 }}>
          {change.description && (
            <Card title="Description">
              <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
                {change.description}
              </Text>
            </Card>
          )}
          {change.verdict && (
            <Card title="What the rules say">
              <Findings verdict={change.verdict} />
            </Card>
          )}
          <Card title="Files" aside={<code>{shortId(change.headCommit)}</code>}>
            <Loaded query={diff} lines={6}>
              {({ files }) => <FileDiffs files={files} />}
            </Loaded>
          </Card>
          <Card title="Commits" flush>
            <Loaded query={diff}>{({ commits }) => <CommitList commits={commits} />}</Loaded>
          </Card>
        </div>
        <div className="stack first-on-phone">
          <ChangeDecision change={change} path={path} />
          <Card title="Checks" flush>
            <CheckRows change={change} />
          </Card>
          <Card title="About">
            <Facts
              rows={[
                ['Repository', `${change.repo.owner}/${change.repo.name}`],
                ['From', change.head],
                ['Into', change.base],
                ...(change.service
                  ? [
                      [
                        'Service',
                        <Go key="s" to={paths.service(change.service)}>
                          {change.service}
                        </Go>,
                      ] as const,
                    ]
                  : []),
                ...(change.environment ? [['Environment', change.environment] as const] : []),
                ...(change.run
                  ? [
                      [
                        'Run',
                        <Go key="r" to={paths.run(change.run)}>
                          {change.run}
                        </Go>,
                      ] as const,
                    ]
                  : []),
                ['Contributors', change.contributors.join(', ') || 'none'],
              ]}
            />
          </Card>
        </div>
      </div>
    </Page>
  )
}

function CheckRows({ change }: { change: ChangeRequest }) {
  if (change.checks.length === 0)
    return (
      <Text p="sm" size="sm">
        No check was reported yet.
      </Text>
    )
  return (
    <ul className="rows">
      {change.checks.map((check) => (
        <li key={check.name}>
          <Status state={check.state} />{' '}
          {check.link ? <Go to={check.link}>{check.name}</Go> : <strong>{check.name}</strong>}
          <Text size="sm" c="dimmed">
            {check.summary}
          </Text>
        </li>
      ))}
    </ul>
  )
}
