import { Text } from '@mantine/core'
import { useState } from 'react'
import type { Run, RunStep } from '../../model.ts'
import { Status } from '../../ui/Status.tsx'
import { wordFor } from '../../ui/vocabulary.ts'
import { lasting, secondsBetween } from '../../ui/time.ts'
import { useTick } from './RunClock.tsx'
import { StepLog } from './StepLog.tsx'

/** Most steps succeed: their sign says so, and words are left for what is otherwise. */
const telling = new Set(['running', 'failed', 'waiting', 'kept', 'undone', 'skipped'])

/** Steps in order. The one that runs opens itself, finished ones fold, a failed one stays open. */
export function RunSteps({ run }: { run: Run }) {
  return (
    <ol className="steps">
      {run.steps.map((step) => (
        <OneStep key={step.name} run={run.id} step={step} />
      ))}
    </ol>
  )
}

function OneStep({ run, step }: { run: string; step: RunStep }) {
  const opensItself = step.state === 'running' || step.state === 'failed'
  // what a person opened or closed stays so until the step's state changes
  const [chosen, setChosen] = useState<{ state: string; open: boolean }>()
  const open = chosen?.state === step.state ? chosen.open : opensItself
  useTick(step.state === 'running')
  const seconds = secondsBetween(step.startedAt, step.finishedAt)
  return (
    <li>
      <details
        open={open}
        onToggle={({ currentTarget }) =>
          currentTarget.open !== open && setChosen({ state: step.state, open: currentTarget.open })
        }
      >
        <summary>
          <Status state={step.state} quiet />
          <span style={{ flex: '1 1 auto', minWidth: 0 }}>
            <strong style={{ fontWeight: open ? 600 : 500 }}>{step.title}</strong>
            {step.attempt > 1 && <span className="mute"> attempt {step.attempt}</span>}
          </span>
          {telling.has(step.state) && <span className={`${wordFor(step.state).tone}`}>{wordFor(step.state).word}</span>}
          <Text span size="sm" c="dimmed" className="num" w={64} ta="right">
            {seconds === undefined ? '' : lasting(seconds)}
          </Text>
        </summary>
        {open && (
          <div className="inside">
            {step.effect && <Text size="sm">{step.effect}</Text>}
            {step.error && (
              <Text size="sm" className="bad">
                {step.error.detail}
              </Text>
            )}
            <StepLog
              run={run}
              step={step.name}
              last={step.state === 'failed' ? 20 : undefined}
              follow={step.state === 'running'}
            />
          </div>
        )}
      </details>
    </li>
  )
}
