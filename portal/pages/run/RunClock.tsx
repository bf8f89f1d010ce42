import { Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { Run } from '../../model.ts'
import { lasting, secondsBetween } from '../../ui/time.ts'

/** Time so far or in all, beside what such a run usually takes. */
export function RunClock({ run }: { run: Pick<Run, 'startedAt' | 'finishedAt' | 'usualSeconds' | 'state'> }) {
  useTick(run.finishedAt === undefined && run.state !== 'waiting')
  const seconds = secondsBetween(run.startedAt, run.finishedAt) ?? 0
  return (
    <Text size="sm" c="dimmed" className="num">
      {run.finishedAt ? 'took' : 'for'} {lasting(seconds)}
      {run.usualSeconds !== undefined && `, usually ${lasting(run.usualSeconds)}`}
    </Text>
  )
}

/** Renders again every second while something runs. */
export function useTick(on: boolean): void {
  const [, turn] = useState(0)
  useEffect(() => {
    if (!on) return undefined
    const timer = setInterval(() => turn((count) => count + 1), 1_000)
    return () => clearInterval(timer)
  }, [on])
}
