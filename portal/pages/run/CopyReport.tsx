import { Button } from '@mantine/core'
import { useState } from 'react'
import { api, data } from '../../app/api.ts'
import type { Run } from '../../model.ts'

/** Copies what somebody who helps needs to know: steps, cause, hint and the newest lines. */
export function CopyReport({ run }: { run: Run }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    const step = run.steps.find(({ state }) => state === 'failed')
    const query = { limit: 5_000, ...(step && { step: step.name }) }
    const { items } = await data(api.GET('/api/v1/runs/{id}/log', { params: { path: { id: run.id }, query } }))
    await navigator.clipboard.writeText(
      report(
        run,
        items.slice(-20).map(({ text }) => text),
      ),
    )
    setCopied(true)
  }
  return (
    <Button variant="default" onClick={() => void copy()} data-act="Copy the report of this run">
      {copied ? 'Copied' : 'Copy report'}
    </Button>
  )
}

function report(run: Run, lines: readonly string[]): string {
  return [
    `Run ${run.id} (${run.workflow}${run.service ? ` ${run.service}` : ''}) ${run.state}`,
    `By ${run.requestedBy} at ${run.startedAt}`,
    ...run.steps.map(
      (step) => `- ${step.title}: ${step.state}${step.error ? ` (${step.error.code}) ${step.error.detail}` : ''}`,
    ),
    ...(run.error ? [`Cause: ${run.error.code} ${run.error.detail}`] : []),
    ...(run.error?.hint ? [`Hint: ${run.error.hint}`] : []),
    'Last lines:',
    ...lines.map((line) => `  ${line}`),
  ].join('\n')
}
