import { Button, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { api, data } from '../../app/api.ts'
import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import type { Run, Tour } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { CopyText } from '../../ui/Copy.tsx'
import { Failure } from '../../ui/Failure.tsx'

const DiffView = lazy(async () => ({ default: (await import('../../ui/DiffView.tsx')).DiffView }))
const shownOn: readonly Run['workflow'][] = ['create-service', 'release', 'rollback']

/** The tour of a first service, on the pages of its runs: what to try next, and exactly what that would do. Absent where there is none. */
export function TourCard({ run }: { run: Run }) {
  const { service = '', workflow } = run
  const isOf = Boolean(service) && shownOn.includes(workflow)
  // until its run has ended, a service that is being made may not be there
  const isThere = workflow !== 'create-service' || run.state === 'succeeded'
  // another service's page has no reason to fail because this could not be read
  const { data: tour } = useQuery({ ...queries.tour(service), enabled: isOf && isThere })
  if (!isOf || !tour || tour.stage === 'over' || tour.stage === 'making') return null
  return (
    <Card title={titles[tour.stage]}>
      <div className="stack prose">
        <Text size="sm">
          {tour.says} {tour.run && tour.run !== run.id && <Go to={paths.run(tour.run)}>See it happen</Go>}
        </Text>
        {tour.acts.map((act, index) => (
          <OneAct key={act.act} tour={tour} act={act} main={index === 0} />
        ))}
      </div>
    </Card>
  )
}

const titles: Readonly<Record<Tour['stage'], string>> = {
  making: 'Try it',
  whole: 'Try it: a bad release',
  breaking: 'Broken on purpose',
  broken: 'Broken on purpose',
  'rolling-back': 'Going back',
  back: 'Back, and one thing left',
  mending: 'Being mended',
  over: 'Try it',
}

type Act = Tour['acts'][number]

function OneAct({ tour, act, main }: { tour: Tour; act: Act; main: boolean }) {
  const navigate = useNavigate()
  const take = useMutation({
    mutationFn: () => start(tour, act),
    onSuccess: (run) => run !== undefined && void navigate({ to: paths.run(run) }),
  })
  return (
    <div className="stack" style={{ gap: 'var(--gap-s)' }}>
      <div className="acts">
        <div>
          {act.can ? (
            <Button variant={main ? 'filled' : 'default'} onClick={() => take.mutate()} loading={take.isPending}>
              {act.title}
            </Button>
          ) : (
            <Button variant="default" data-disabled aria-disabled aria-label={`${act.title}: not now. ${act.reason}`}>
              {act.title}
            </Button>
          )}
          <CopyText text={act.command} label={`Copy the command: ${act.title}`} />
        </div>
      </div>
      <Text size="sm">{act.says}</Text>
      {!act.can && (
        <Text size="sm" c="dimmed">
          {act.reason}
        </Text>
      )}
      {act.commit && <Commit commit={act.commit} />}
      {take.error && <Failure error={take.error} title="Nothing was done" />}
    </div>
  )
}

function Commit({ commit: { title, repository, branch, file } }: { commit: NonNullable<Act['commit']> }) {
  return (
    <details className="sunken">
      <summary style={{ cursor: 'pointer', padding: '6px 10px', minHeight: 32 }}>
        The commit: <strong>{title}</strong>{' '}
        <span className="mute">
          {repository} {branch}, {file.path}
        </span>{' '}
        <span className="good">+{file.additions}</span> <span className="bad">−{file.deletions}</span>
      </summary>
      {file.before !== undefined && file.after !== undefined && (
        <Suspense>
          <DiffView path={file.path} before={file.before} after={file.after} />
        </Suspense>
      )}
    </details>
  )
}

/** Starts the act and gives the run that shows it. */
async function start({ service, environment }: Tour, { act }: Act): Promise<string | undefined> {
  const params = { path: { name: service } }
  const started =
    act === 'roll-back'
      ? await data(
          api.POST('/api/v1/services/{name}/rollbacks', {
            params,
            body: { environment, reason: 'the tour of a first service', dryRun: false },
          }),
        )
      : await data(api.POST('/api/v1/services/{name}/tour', { params, body: { act, dryRun: false } }))
  return 'run' in started ? started.run.id : undefined
}
