import type { ApiClient } from '@fairway/client'
import { Button, Group, SegmentedControl, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { api, data } from '../app/api.ts'
import { CopyCurl } from '../app/CopyCurl.tsx'
import { paths } from '../app/paths.ts'
import { type Answers, requestOf } from '../forms/questions.ts'
import type { ServicePreview } from '../model.ts'
import { Card } from '../ui/Card.tsx'
import { EffectList } from '../ui/EffectList.tsx'
import { Failure } from '../ui/Failure.tsx'
import { FileBrowser } from '../ui/FileBrowser.tsx'
import { Findings } from '../ui/Findings.tsx'
import { Loaded } from '../ui/Loaded.tsx'

interface CreatePreviewProps {
  readonly template: string
  readonly answers: Answers
  readonly back: () => void
  readonly done: () => void
}

/** Every file, manifest, verdict and effect, before anything exists; then the run. */
export function CreatePreview({ template, answers, back, done }: CreatePreviewProps) {
  const navigate = useNavigate()
  const request = requestOf(answers)
  // One key per set of answers: a request that is sent twice makes one service.
  const key = useMemo(() => crypto.randomUUID(), [answers]) // oxlint-disable-line react/exhaustive-deps
  const preview = useQuery({
    queryKey: ['preview', template, answers],
    queryFn: () =>
      data(api.POST('/api/v1/templates/{name}/preview', { params: { path: { name: template } }, body: request })),
    retry: false,
  })
  const creation = (client: ApiClient) =>
    client.POST('/api/v1/services', {
      body: { template, ...request, dryRun: false },
      params: { header: { 'idempotency-key': key } },
    })
  const create = useMutation({
    mutationFn: () => data(creation(api)),
    onSuccess: (started) => {
      if (!('run' in started)) return
      done()
      void navigate({ to: paths.run(started.run.id) })
    },
  })
  const allowed = preview.data?.verdicts.every((verdict) => verdict.allowed) ?? false
  return (
    <div className="stack">
      <Loaded query={preview} lines={12}>
        {(found) => <Found preview={found} />}
      </Loaded>
      {create.error && <Failure error={create.error} title="The service was not created" />}
      <Group>
        <Button size="sm" onClick={() => create.mutate()} loading={create.isPending} disabled={!allowed}>
          Create {request.name}
        </Button>
        <Button size="sm" variant="default" onClick={back}>
          Back to the answers
        </Button>
        <CopyCurl asking={creation} />
        {preview.data && !allowed && <Text size="sm">A rule denies this; change the answers first.</Text>}
      </Group>
    </div>
  )
}

function Found({ preview }: { preview: ServicePreview }) {
  const [shown, setShown] = useState('files')
  const files = shown === 'files' ? preview.files : preview.manifests
  return (
    <>
      <div className="two">
        <Card title="What will happen" flush>
          <EffectList effects={preview.effects} />
        </Card>
        <Card title="What the rules say">
          <div className="stack">
            {preview.verdicts.map((verdict) => (
              <div key={`${verdict.gate} ${verdict.inputDigest}`}>
                <Text size="sm" c="dimmed">
                  At the gate “{verdict.gate}”
                </Text>
                <Findings verdict={verdict} />
              </div>
            ))}
          </div>
        </Card>
      </div>
      <Card
        title={
          shown === 'files'
            ? `${preview.files.length} files of the repository`
            : `${preview.manifests.length} manifests for the first environment`
        }
        aside={
          <SegmentedControl
            size="xs"
            value={shown}
            onChange={setShown}
            data={[
              { value: 'files', label: 'Repository' },
              { value: 'manifests', label: 'Manifests' },
            ]}
          />
        }
      >
        <FileBrowser key={shown} files={files} />
      </Card>
    </>
  )
}
