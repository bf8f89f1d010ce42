import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Go, GoButton } from '../../app/links.tsx'
import { Visited } from '../../app/palette/recent.ts'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import type { Environment, Matrix } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { CopyCli } from '../../ui/Copy.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Page } from '../../ui/Page.tsx'
import { Doors } from '../Doors.tsx'
import { MatrixTable } from '../matrix/MatrixTable.tsx'
import { DriftList } from '../service/DriftList.tsx'
import { EnvironmentFacts } from './EnvironmentFacts.tsx'

/** One environment: what stands in it, what differs from what was approved, and what holds there. */
export function EnvironmentPage() {
  const { name } = useParams({ strict: false }) as { name: string }
  const environments = useQuery(queries.environments())
  return (
    <Loaded query={environments} lines={10} title={name}>
      {({ items }) => {
        const ordered = items.toSorted((a, b) => a.spec.order - b.spec.order)
        const at = ordered.findIndex(({ metadata }) => metadata.name === name)
        const environment = ordered[at]
        if (!environment) return <Unknown name={name} />
        return <OneEnvironment environment={environment} before={ordered[at - 1]} after={ordered[at + 1]} />
      }}
    </Loaded>
  )
}

interface OneEnvironmentProps {
  readonly environment: Environment
  readonly before: Environment | undefined
  readonly after: Environment | undefined
}

function OneEnvironment({ environment, before, after }: OneEnvironmentProps) {
  const { name, title = name, description } = environment.metadata
  return (
    <Page
      title={title}
      subtitle={
        <>
          Environment <code>{name}</code>
          {description && `: ${description}`}
        </>
      }
      actions={<CopyCli command={`fairway env show ${name}`} />}
    >
      <Visited path={paths.environment(name)} title={title} detail="environment" />
      <Group gap="xs">
        {before && (
          <GoButton to={paths.environment(before.metadata.name)} variant="default">
            From {before.metadata.name}
          </GoButton>
        )}
        {after && (
          <GoButton to={paths.environment(after.metadata.name)} variant="default">
            On to {after.metadata.name}
          </GoButton>
        )}
        <Go to={paths.environments}>All environments</Go>
      </Group>
      <Services name={name} isFirst={before === undefined} />
      <DriftList environment={name} />
      <EnvironmentFacts environment={environment} />
      <Doors environment={name} />
    </Page>
  )
}

function Services({ name, isFirst }: { name: string; isFirst: boolean }) {
  const matrix = useQuery(queries.matrix({ limit: 100 }))
  return (
    <Card title="Services" flush aside={<Go to={paths.matrix}>Beside the other environments</Go>}>
      <Loaded query={matrix} lines={4}>
        {(found) =>
          found.items.length > 0 ? (
            <>
              <MatrixTable matrix={only(found, name)} />
              {found.next && (
                <p className="body">
                  The first {found.items.length} of {found.total}. <Go to={paths.matrix}>Deployments has them all</Go>
                </p>
              )}
            </>
          ) : (
            <Empty
              title="No service yet"
              body={isFirst ? 'New services arrive here first.' : 'Services arrive here by promotion.'}
            />
          )
        }
      </Loaded>
    </Card>
  )
}

function only(matrix: Matrix, name: string): Matrix {
  const items = matrix.items.map((row) => ({ ...row, cells: row.cells.filter((cell) => cell.name === name) }))
  return { ...matrix, environments: [name], items }
}

function Unknown({ name }: { name: string }) {
  return (
    <Page title="No such environment">
      <Empty
        title={`No environment is called ${name}`}
        body="Environments are files in environments/ of the platform repository."
        action={<GoButton to={paths.environments}>All environments</GoButton>}
      />
    </Page>
  )
}
