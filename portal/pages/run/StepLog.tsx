import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { api, data } from '../../app/api.ts'
import { LogText } from '../../ui/LogText.tsx'

interface StepLogProps {
  readonly run: string
  readonly step: string
  /** Only so many of the newest lines at first. */
  readonly last: number | undefined
  readonly follow: boolean
}

/** The log of one step; it grows while the step runs. */
export function StepLog({ run, step, last, follow }: StepLogProps) {
  const [whole, setWhole] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  const log = useQuery({
    queryKey: ['run-log', run, step],
    queryFn: () =>
      data(api.GET('/api/v1/runs/{id}/log', { params: { path: { id: run }, query: { step, limit: 5_000 } } })),
    // news of a log is a hint that may be lost
    refetchInterval: follow ? 3_000 : false,
    staleTime: 0,
  })
  const lines = log.data?.items ?? []
  const shown = whole || last === undefined ? lines : lines.slice(-last)
  useEffect(() => {
    if (follow) place.current?.scrollTo({ top: place.current.scrollHeight })
  }, [follow, lines.length])
  if (log.isSuccess && lines.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {follow ? 'No line yet.' : 'This step wrote no log.'}
      </Text>
    )
  return (
    <>
      {shown.length < lines.length && (
        <Button variant="subtle" onClick={() => setWhole(true)}>
          Show all {lines.length} lines
        </Button>
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <div className="sunken log" role="log" aria-live="off" aria-label={`Log of ${step}`} tabIndex={0} ref={place}>
        {shown.map((line) => (
          <div key={line.seq} className={line.level}>
            <LogText text={line.text} />
          </div>
        ))}
      </div>
    </>
  )
}
