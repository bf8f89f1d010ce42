import { useQuery } from '@tanstack/react-query'
import { Go, GoButton } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import { Card } from '../ui/Card.tsx'
import { CopyCli } from '../ui/Copy.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { Greeting } from './home/Greeting.tsx'
import { AttentionRows, ChangeRows, DeploymentRows, RunRows } from './rows.tsx'
import { ServiceTable } from './ServiceTable.tsx'

/** My work: what needs attention, what waits for me, my services, what my team did last. */
export function HomePage() {
  const home = useQuery(queries.home())
  const me = useQuery(queries.me())
  const mayCreate = me.data?.actions.includes('service.create')
  // a platform without a service has one button, in its greeting
  const create = mayCreate && home.data && !home.data.isEmpty && <GoButton to={paths.create}>New service</GoButton>
  return (
    <Page
      title="Home"
      subtitle={me.data && `${me.data.person.displayName}, ${me.data.person.teams.join(', ')}`}
      actions={create}
    >
      <Loaded query={home} lines={10}>
        {({ attention, waitingForMe, services, runs, deployments, isEmpty, hello }) =>
          isEmpty && runs.length === 0 ? (
            <Greeting hello={hello} mayCreate={mayCreate === true} />
          ) : (
            <>
              {attention.length > 0 && (
                <Card title="Needs attention" flush>
                  <AttentionRows items={attention} />
                </Card>
              )}
              {waitingForMe.length > 0 && (
                <Card title="Waiting for your decision" flush>
                  <ChangeRows changes={waitingForMe} />
                </Card>
              )}
              <Card title="Services of your teams" flush aside={<Go to={paths.catalog}>Whole catalog</Go>}>
                <ServiceTable
                  services={services}
                  empty={
                    <Empty
                      title="Your teams have no service yet"
                      body={
                        mayCreate
                          ? 'A service starts from a golden path: repository, pipeline, environments and the first deployment in one go.'
                          : 'Your role reads everything; a developer creates services.'
                      }
                      action={
                        mayCreate && (
                          <>
                            <GoButton to={paths.create}>Create the first one</GoButton>{' '}
                            <CopyCli command="fairway new --template http-api --name shop --owner team-a --wait" />
                          </>
                        )
                      }
                    />
                  }
                />
              </Card>
              <div className="two" style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(min(340px, 100%), 1fr))' }}>
                <Card title="Your runs" flush aside={<Go to={`${paths.runs}?mine=true`}>All</Go>}>
                  {runs.length > 0 ? <RunRows runs={runs} /> : <Empty title="You started no run yet" />}
                </Card>
                <Card title="Last deployments of your teams" flush>
                  {deployments.length > 0 ? (
                    <DeploymentRows deployments={deployments} />
                  ) : (
                    <Empty title="Nothing was deployed yet" />
                  )}
                </Card>
              </div>
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
