import type { ApiClient } from '@fairway/client'
import { Button, Group, Modal, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, data } from '../../app/api.ts'
import { CopyCurl } from '../../app/CopyCurl.tsx'
import { CopyCli } from '../../ui/Copy.tsx'
import { Failure } from '../../ui/Failure.tsx'

/** Ends a run, after saying what that means. */
export function CancelRun({ id }: { id: string }) {
  const client = useQueryClient()
  const [open, setOpen] = useState(false)
  const end = (client: ApiClient) => client.POST('/api/v1/runs/{id}/cancel', { params: { path: { id } }, body: {} })
  const cancel = useMutation({
    mutationFn: () => data(end(api)),
    onSuccess: () => setOpen(false),
    onSettled: () => client.invalidateQueries({ queryKey: ['runs', id] }),
  })
  return (
    <>
      <Button
        variant="default"
        onClick={() => setOpen(true)}
        data-act="Cancel this run…"
        data-cli={`fairway run cancel ${id}`}
      >
        Cancel run …
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title="Cancel this run"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <div className="stack">
          <Text size="sm">
            It ends with its present step. What it made until then stays and is listed; undo takes it back afterwards.
          </Text>
          {cancel.error && <Failure error={cancel.error} title="Not cancelled" />}
          <Group gap="xs">
            <Button color="red" onClick={() => cancel.mutate()} loading={cancel.isPending}>
              Cancel run
            </Button>
            <CopyCli command={`fairway run cancel ${id}`} />
            <CopyCurl asking={end} />
          </Group>
        </div>
      </Modal>
    </>
  )
}
