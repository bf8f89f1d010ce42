import type { ApiClient } from '@fairway/client'
import { Button, Group, Modal, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api, data } from '../../app/api.ts'
import { CopyCurl } from '../../app/CopyCurl.tsx'
import { paths } from '../../app/paths.ts'
import { CopyCli } from '../../ui/Copy.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Status } from '../../ui/Status.tsx'

/** Takes back what a failed run made, after showing what would go and what would stay. */
export function UndoRun({ id }: { id: string }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button
        variant="default"
        onClick={() => setOpen(true)}
        data-act="Undo this run…"
        data-cli={`fairway run undo ${id}`}
      >
        Undo …
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title="Undo this run"
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {open && <Plan id={id} />}
      </Modal>
    </>
  )
}

function Plan({ id }: { id: string }) {
  const navigate = useNavigate()
  const asking = (dryRun: boolean) => (client: ApiClient) =>
    client.POST('/api/v1/runs/{id}/undo', { params: { path: { id } }, body: { dryRun } })
  const ask = (dryRun: boolean) => data(asking(dryRun)(api))
  const plan = useQuery({ queryKey: ['undo-plan', id], queryFn: () => ask(true), staleTime: 0 })
  const undo = useMutation({
    mutationFn: () => ask(false),
    onSuccess: (started) => 'run' in started && void navigate({ to: paths.run(started.run.id) }),
  })
  return (
    <Loaded query={plan}>
      {(found) => (
        <div className="stack">
          <Text size="sm">
            Only what this run made and nobody changed since is removed. A repository is archived for 7 days before it
            is deleted.
          </Text>
          <ul className="rows">
            {('plan' in found ? found.plan : []).map((entry) => (
              <li key={entry.step} style={{ paddingInline: 0 }}>
                <Status state={entry.willUndo ? 'undone' : 'kept'} word={entry.willUndo ? 'Goes' : 'Stays'} />{' '}
                {entry.effect}
              </li>
            ))}
          </ul>
          {undo.error && <Failure error={undo.error} title="Not undone" />}
          <Group gap="xs">
            <Button onClick={() => undo.mutate()} loading={undo.isPending}>
              Undo
            </Button>
            <CopyCli command={`fairway run undo ${id}`} />
            <CopyCurl asking={asking(false)} />
          </Group>
        </div>
      )}
    </Loaded>
  )
}
