import type { ApiClient } from '@fairway/client'
import { Button, CopyButton } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, data } from '../../app/api.ts'
import { CopyCurl } from '../../app/CopyCurl.tsx'
import { GoButton } from '../../app/links.tsx'
import type { Explanation } from '../../model.ts'
import { CopyText } from '../../ui/Copy.tsx'
import { Failure } from '../../ui/Failure.tsx'

type Act = Explanation['next'][number]

/** The two likeliest acts, each as a button and as the line that does the same. */
export function NextActs({ explanation: { run, next } }: { explanation: Explanation }) {
  const client = useQueryClient()
  const again = (client: ApiClient) =>
    client.POST('/api/v1/runs/{id}/retry', { params: { path: { id: run } }, body: {} })
  const retry = useMutation({
    mutationFn: () => data(again(api)),
    onSettled: () => client.invalidateQueries({ queryKey: ['runs', run] }),
  })
  return (
    <div className="acts">
      {next.map((one, index) => (
        <div key={one.title}>
          <ActButton act={one} main={index === 0} retry={() => retry.mutate()} busy={retry.isPending} />
          <CopyText text={one.command} label={`Copy the command: ${one.title}`} />
          {one.act === 'retry' && one.may && <CopyCurl asking={again} of={one.title} />}
        </div>
      ))}
      {retry.error && <Failure error={retry.error} title="Not retried" />}
    </div>
  )
}

function ActButton({ act, main, retry, busy }: { act: Act; main: boolean; retry: () => void; busy: boolean }) {
  const look = {
    ...(main ? {} : ({ variant: 'default' } as const)),
    'data-act': act.title,
    'data-cli': act.command,
  }
  if (!act.may)
    return (
      <Button variant="default" data-disabled aria-disabled title="Your role does not allow it">
        {act.title}
      </Button>
    )
  if (act.act === 'open' && act.link !== undefined)
    return (
      <GoButton to={act.link} {...look}>
        {act.title}
      </GoButton>
    )
  if (act.act === 'retry')
    return (
      <Button onClick={retry} loading={busy} {...look}>
        {act.title}
      </Button>
    )
  return (
    <CopyButton value={act.command}>
      {({ copied, copy }) => (
        <Button onClick={copy} {...look}>
          {copied ? 'Copied: paste it into a terminal' : act.title}
        </Button>
      )}
    </CopyButton>
  )
}
