import { Alert, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Go } from '../app/links.tsx'
import { Visited } from '../app/palette/recent.ts'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import type { Run, RunDetail } from '../model.ts'
import { Ago } from '../ui/Ago.tsx'
import { Card } from '../ui/Card.tsx'
import { CopyCli, CopyText } from '../ui/Copy.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { Status } from '../ui/Status.tsx'
import { wordFor } from '../ui/vocabulary.ts'
import { ExplainedFailure } from './explain/ExplainedFailure.tsx'
import { CancelRun } from './run/CancelRun.tsx'
import { CopyReport } from './run/CopyReport.tsx'
import { RunClock } from './run/RunClock.tsx'
import { RunCommits } from './run/RunCommits.tsx'
import { RunOutcome } from './run/RunOutcome.tsx'
import { RunSteps } from './run/RunSteps.tsx'
import { showInTab } from './run/tabState.ts'
import { WhereItIs } from './run/WhereItIs.tsx'
import { UndoRun } from './run/UndoRun.tsx'
import { TourCard } from './tour/TourCard.tsx'
import { runTitle } from './rows.tsx'

/** One durable run, step by step, as it goes. Leaving the page loses nothing. */
export function RunPage() {
  const { id } = useParams({ strict: false }) as { id: string }
  const run = useQuery(queries.run(id))
  return (
    <Loaded query={run} lines={10} title="Run">
      {(found) => <OneRun run={found} />}
    </Loaded>
  )
}

function OneRun({ run }: { run: RunDetail }) {
  const title = runTitle(run)
  useEffect(() => showInTab(run.state, `${wordFor(run.state).word}: ${title} · Fairway`), [run.state, title])
  return (
    <Page
      title={title}
      aside={
        <Status
          state={run.state}
          word={run.state === 'waiting' && run.waitingFor ? 'Waiting for approval' : undefined}
        />
      }
      subtitle={
        <>
          Run <CopyText text={run.id} label="Copy the run's id" /> by {run.requestedBy}, <Ago at={run.startedAt} />
          {run.service && (
            <>
              {' '}
              for <Go to={paths.service(run.service)}>{run.service}</Go>
            </>
          )}
        </>
      }
      actions={
        <>
          {run.acts.cancel.can && <CancelRun id={run.id} />}
          <CopyCli command={`fairway run watch ${run.id}`} />
        </>
      }
    >
      <Visited path={paths.run(run.id)} title={title} detail={`run by ${run.requestedBy}`} />
      <div aria-live="polite" className="quiet">
        {run.state === 'waiting' && <Waiting run={run} />}
        {run.state === 'failed' && <Failed run={run} />}
        {run.state === 'cancelled' && <Cancelled run={run} />}
      </div>
      <div className="two">
        <div className="stack">
          <Card title="Steps" flush aside={<RunClock run={run} />}>
            <RunSteps run={run} />
          </Card>
          <RunCommits run={run} />
        </div>
        <div className="stack">
          <TourCard run={run} />
          {run.workflow === 'create-service' && <WhereItIs run={run} />}
          <RunOutcome run={run} />
        </div>
      </div>
    </Page>
  )
}

function Waiting({ run }: { run: RunDetail }) {
  return (
    <Alert
      variant="outline"
      color="yellow"
      title={`Waiting for ${run.waitingFor ?? 'a person'}`}
      styles={{ title: { color: 'var(--fw-warn)' } }}
    >
      <Text size="sm">
        Nothing runs and nothing is lost while this waits. The decision is made on the change request.
      </Text>
      <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap', marginTop: 10 }}>
        <Undo run={run} />
      </div>
    </Alert>
  )
}

function Cancelled({ run }: { run: RunDetail }) {
  return (
    <Alert variant="outline" color="gray" title="Cancelled">
      <Text size="sm">What it made until then is listed below and stays, unless you take it back.</Text>
      <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap', marginTop: 10 }}>
        <Undo run={run} />
        <CopyReport run={run} />
      </div>
    </Alert>
  )
}

/** Offered to whoever may; others read whom to ask. */
function Undo({ run }: { run: RunDetail }) {
  const { can, reason } = run.acts.undo
  if (can) return <UndoRun id={run.id} />
  return reason === undefined ? null : <Text size="sm">To take it back, {reason}.</Text>
}

/** The explanation when there is one; else what the run itself says. */
function Failed({ run }: { run: RunDetail }) {
  const query = useQuery(queries.explanation(run.id, run.version))
  const step = run.steps.find(({ state }) => state === 'failed')
  const title = `Failed${step ? ` at “${step.title}”` : ''}`
  return (
    <>
      <Loaded query={query} lines={6}>
        {({ explanation }) =>
          explanation ? <ExplainedFailure explanation={explanation} title={title} /> : <Bare run={run} title={title} />
        }
      </Loaded>
      <div style={{ marginTop: 8 }}>
        <Undo run={run} />
      </div>
    </>
  )
}

function Bare({ run, title }: { run: Run; title: string }) {
  return (
    <Alert variant="outline" color="red" title={title} styles={{ title: { color: 'var(--fw-bad)' } }}>
      <Text size="sm">{run.error?.detail ?? 'See the log of the step.'}</Text>
      {run.error?.hint && <Text size="sm">What to do: {run.error.hint}</Text>}
      <CopyReport run={run} />
    </Alert>
  )
}
