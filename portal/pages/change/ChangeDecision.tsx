import type { ApiClient } from '@fairway/client'
import { Alert, Button, Text, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, data } from '../../app/api.ts'
import type { ChangePath } from '../../app/queries.ts'
import type { ChangeRequest } from '../../model.ts'
import { Ago } from '../../ui/Ago.tsx'
import { Card } from '../../ui/Card.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { Status } from '../../ui/Status.tsx'
import { CopyDecision, type Decision } from './CopyDecision.tsx'

interface Decided {
  readonly path: ChangePath
  readonly head: string
  readonly comment: string
}

/** Who may decide, what was decided, and the buttons. A decision is about the commit that this page shows, no other. */
export function ChangeDecision({ change, path }: { change: ChangeRequest; path: ChangePath }) {
  const client = useQueryClient()
  const [comment, setComment] = useState('')
  // The page keeps the commit it was opened with: what arrives later must be looked at before it is decided on.
  const [seen, setSeen] = useState(change.headCommit)
  const moved = seen !== change.headCommit
  const asking = (which: Decision) => (client: ApiClient) => decide(client, which, { path, head: seen, comment })
  const act = useMutation({
    mutationFn: (which: Decision) => data(asking(which)(api)),
    onSuccess: () => setComment(''),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['changes'] }),
        client.invalidateQueries({ queryKey: ['home'] }),
      ]),
  })
  const { approval, mergeable } = change
  const open = change.state === 'open'
  const decided = approval.given || !approval.needed
  return (
    <Card
      title="Decision"
      aside={
        open && <CopyDecision change={change.id} comment={comment} offered={offeredOn(change, moved)} asking={asking} />
      }
    >
      <div className="stack">
        <Approvals change={change} />
        {open && moved && (
          <Alert variant="outline" color="yellow" title="This change moved while you looked">
            <Text size="sm">
              A newer commit, {change.headCommit.slice(0, 12)}, is shown now. Look again before you decide.
            </Text>
            <Button mt={8} variant="default" onClick={() => setSeen(change.headCommit)}>
              I looked again
            </Button>
          </Alert>
        )}
        {open && !decided && !approval.youMay && (
          <Text size="sm">You may not approve{approval.youMayNotBecause ? `: ${approval.youMayNotBecause}` : ''}.</Text>
        )}
        {open && approval.needed && approval.youMay && (
          <>
            <Textarea
              label="Comment"
              value={comment}
              onChange={({ currentTarget }) => setComment(currentTarget.value)}
              autosize
              minRows={2}
            />
            <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
              <Button
                size="sm"
                disabled={moved}
                loading={act.isPending && act.variables === 'approve'}
                onClick={() => act.mutate('approve')}
                {...inPalette('approve', change.id)}
              >
                Approve
              </Button>
              <Button
                size="sm"
                variant="default"
                disabled={moved}
                loading={act.isPending && act.variables === 'reject'}
                onClick={() => act.mutate('reject')}
                {...inPalette('reject', change.id)}
              >
                Reject
              </Button>
            </div>
          </>
        )}
        {open && !mergeable.can && (
          <div>
            <Text size="sm" fw={600}>
              It cannot merge yet
            </Text>
            <ul style={{ margin: 0, paddingLeft: 18, fontSize: 13 }}>
              {mergeable.reasons.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </div>
        )}
        {open && (
          <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
            <Button
              size="sm"
              variant={mergeable.can ? 'filled' : 'default'}
              disabled={!mergeable.can || moved}
              loading={act.isPending && act.variables === 'merge'}
              onClick={() => act.mutate('merge')}
              {...inPalette('merge', change.id)}
            >
              Merge
            </Button>
            <Button
              size="sm"
              variant="default"
              loading={act.isPending && act.variables === 'close'}
              onClick={() => act.mutate('close')}
              {...inPalette('close', change.id)}
            >
              Close without merging
            </Button>
          </div>
        )}
        {act.error && (
          <Failure error={act.error} title={conflict(act.error) ? 'Somebody was quicker: look again' : 'Not done'} />
        )}
      </div>
    </Card>
  )
}

/** The palette leads to the button; the decision is made where what it is about is seen. */
function inPalette(which: Decision, change: string) {
  const said = { approve: 'Approve', reject: 'Reject', merge: 'Merge', close: 'Close' }[which]
  return { 'data-act': `${said} this change…`, 'data-cli': `fairway change ${which} ${change}`, 'data-look': true }
}

/** What the buttons below offer now. */
function offeredOn({ approval, mergeable }: ChangeRequest, moved: boolean): Decision[] {
  const review: Decision[] = approval.needed && approval.youMay && !moved ? ['approve', 'reject'] : []
  return [...review, ...(mergeable.can && !moved ? (['merge'] as const) : []), 'close']
}

function Approvals({ change }: { change: ChangeRequest }) {
  const { approval, approvals } = change
  const need =
    change.state !== 'open'
      ? endOf(change)
      : !approval.needed
        ? 'No approval is needed.'
        : approval.given
          ? 'The approval is given.'
          : `Needs an approval by ${approval.mayApprove}.`
  return (
    <div aria-live="polite">
      <Text size="sm">{need}</Text>
      {approvals.map((one) => (
        <div key={`${one.by} ${one.at}`}>
          <Status
            state={one.decision}
            word={one.decision === 'approve' ? `Approved by ${one.by}` : `Rejected by ${one.by}`}
          />{' '}
          <Text span size="sm" c="dimmed">
            <Ago at={one.at} />
            {!one.valid && ', no longer valid: the change or the rules moved since'}
          </Text>
          {one.comment && <Text size="sm">“{one.comment}”</Text>}
        </div>
      ))}
    </div>
  )
}

function endOf({ state, mergedBy }: ChangeRequest): string {
  return state === 'merged' ? `Merged by ${mergedBy ?? 'the platform'}.` : 'Closed without merging.'
}

/** One request of the decision, for the client that sends it or writes it down. */
function decide(client: ApiClient, which: Decision, { path, head, comment }: Decided) {
  const params = { path }
  if (which === 'merge') return client.POST('/api/v1/changes/{owner}/{repo}/{number}/merge', { params, body: { head } })
  if (which === 'close')
    return client.POST('/api/v1/changes/{owner}/{repo}/{number}/close', { params, body: { reason: comment } })
  return client.POST('/api/v1/changes/{owner}/{repo}/{number}/reviews', {
    params,
    body: { decision: which, head, comment },
  })
}

function conflict(error: unknown): boolean {
  return (error as { code?: string }).code === 'CONFLICT'
}
