import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Go } from '../app/links.tsx'
import { changePath, paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import { Ago } from '../ui/Ago.tsx'
import { Card } from '../ui/Card.tsx'
import { CopyCli, CopyText, withShortVersions } from '../ui/Copy.tsx'
import { FileDiffs } from '../ui/FileDiffs.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { Facts } from './run/RunOutcome.tsx'

/** One real commit of a run: its message with the trailers that tie it to the run, and every file it changed. */
export function RunCommitPage() {
  const { id, commit } = useParams({ strict: false }) as { id: string; commit: string }
  const found = useQuery(queries.runCommit(id, commit))
  return (
    <Loaded query={found} lines={10} title="Commit">
      {(one) => {
        const change = changePath(one.change)
        return (
          <Page
            title={withShortVersions(one.title)}
            subtitle={
              <>
                In {one.repository} by {one.author}, <Ago at={one.at} />
              </>
            }
            actions={<CopyCli command={`fairway run commits ${id} ${commit.slice(0, 12)}`} />}
          >
            <div className="two">
              <Card title="Files">
                <FileDiffs files={one.diff} />
              </Card>
              <div className="stack first-on-phone">
                <Card title="About">
                  <Facts
                    rows={[
                      [
                        'Commit',
                        <CopyText
                          key="c"
                          text={one.commit}
                          shown={one.commit.slice(0, 12)}
                          label="Copy the commit’s id"
                        />,
                      ],
                      ['Repository', one.repository],
                      [
                        'Run',
                        <Go key="r" to={paths.run(id)}>
                          {id}
                        </Go>,
                      ],
                      ...(change
                        ? [
                            [
                              'Change request',
                              <Go key="g" to={change}>
                                {one.change}
                              </Go>,
                            ] as const,
                          ]
                        : []),
                    ]}
                  />
                </Card>
                {one.message && (
                  <Card title="Message">
                    <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
                      {one.message}
                    </Text>
                  </Card>
                )}
              </div>
            </div>
          </Page>
        )
      }}
    </Loaded>
  )
}
