import type { ApiClient } from '@fairway/client'
import { Button, Group, Modal, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api, data } from '../../app/api.ts'
import { CopyCurl } from '../../app/CopyCurl.tsx'
import { paths } from '../../app/paths.ts'
import type { Drift } from '../../model.ts'
import { CopyCli } from '../../ui/Copy.tsx'
import { EffectList } from '../../ui/EffectList.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { Loaded } from '../../ui/Loaded.tsx'

type Act = 'revert' | 'adopt'
const words = {
  revert: { button: 'Revert …', title: 'Revert to what was approved', go: 'Revert', failed: 'Not reverted' },
  adopt: { button: 'Adopt into Git …', title: 'Adopt Git’s state', go: 'Adopt', failed: 'Not adopted' },
} as const

/** The two ways out of a drift, each after its effects were shown. One that is not to be had says why. */
export function SettleDrift({ drift }: { drift: Drift }) {
  const [act, setAct] = useState<Act>()
  const why = drift.revert.can ? drift.adopt.reason : drift.revert.reason
  return (
    <>
      <Group gap="sm">
        <Button disabled={!drift.revert.can} onClick={() => setAct('revert')} data-act="Revert this drift…">
          {words.revert.button}
        </Button>
        <Button
          variant="default"
          disabled={!drift.adopt.can}
          onClick={() => setAct('adopt')}
          data-act="Adopt this drift…"
        >
          {words.adopt.button}
        </Button>
      </Group>
      {why && (
        <Text size="sm" c="dimmed">
          {drift.revert.can ? `It cannot be adopted: ${why}.` : `It cannot be settled by you: ${why}.`}
        </Text>
      )}
      <Modal
        opened={act !== undefined}
        onClose={() => setAct(undefined)}
        title={act && words[act].title}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {act && <Plan drift={drift} act={act} />}
      </Modal>
    </>
  )
}

function Plan({ drift: { id }, act }: { drift: Drift; act: Act }) {
  const navigate = useNavigate()
  const [key] = useState(() => crypto.randomUUID()) // a second click is the same request
  const asking = (dryRun: boolean) => (client: ApiClient) => {
    const request = {
      params: { path: { id } },
      body: { dryRun },
      ...(!dryRun && { headers: { 'idempotency-key': key } }),
    }
    return act === 'revert'
      ? client.POST('/api/v1/drift/{id}/revert', request)
      : client.POST('/api/v1/drift/{id}/adopt', request)
  }
  const post = (dryRun: boolean) => data(asking(dryRun)(api))
  const plan = useQuery({ queryKey: ['drift', 'plan', id, act], queryFn: () => post(true), staleTime: 0, retry: false })
  const settle = useMutation({
    mutationFn: () => post(false),
    onSuccess: (started) => 'run' in started && void navigate({ to: paths.run(started.run.id) }),
  })
  return (
    <Loaded query={plan}>
      {(found) =>
        'plan' in found && (
          <div className="stack">
            <EffectList effects={found.plan.effects} />
            <Text size="sm">It {found.plan.approval}.</Text>
            {settle.error && <Failure error={settle.error} title={words[act].failed} />}
            <Group gap="xs">
              <Button onClick={() => settle.mutate()} loading={settle.isPending}>
                {words[act].go}
              </Button>
              <CopyCli command={`fairway drift ${act} --id ${id} --wait`} />
              <CopyCurl asking={asking(false)} />
            </Group>
          </div>
        )
      }
    </Loaded>
  )
}
