import type { ApiClient } from '@fairway/client'
import { Button, Code, Group, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { api, data } from '../../app/api.ts'
import { CopyCurl } from '../../app/CopyCurl.tsx'
import { paths } from '../../app/paths.ts'
import type { AdoptionPreview as Preview } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { EffectList } from '../../ui/EffectList.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { FileBrowser } from '../../ui/FileBrowser.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Status } from '../../ui/Status.tsx'

export interface Adoption {
  readonly owner: string
  readonly name: string
  /** Empty where it is to be read from the repository. */
  readonly entry: string
  readonly port: string
  readonly health: string
}

/** Every file, where each fact comes from and what the rules would say, before anything is written; then the run. */
export function AdoptionPreview({ adoption }: { adoption: Adoption }) {
  const navigate = useNavigate()
  // One key per set of answers: a request that is sent twice opens one change request.
  const key = useMemo(() => crypto.randomUUID(), [adoption]) // oxlint-disable-line react/exhaustive-deps
  const asking = (dryRun: boolean) => (client: ApiClient) =>
    client.POST('/api/v1/adoptions', {
      body: { ...bodyOf(adoption), dryRun },
      ...(!dryRun && { params: { header: { 'idempotency-key': key } } }),
    })
  const preview = useQuery({
    queryKey: ['adoption', adoption],
    queryFn: () => data(asking(true)(api)),
    retry: false,
    staleTime: 0,
  })
  const propose = useMutation({
    mutationFn: () => data(asking(false)(api)),
    onSuccess: (started) => 'run' in started && void navigate({ to: paths.run(started.run.id) }),
  })
  return (
    <Loaded query={preview} lines={12}>
      {(found) => (
        <>
          {'preview' in found && <Found preview={found.preview} />}
          {propose.error && <Failure error={propose.error} title="Nothing was proposed" />}
          <Group>
            <Button size="sm" onClick={() => propose.mutate()} loading={propose.isPending}>
              {'preview' in found && found.preview.files.length === 0
                ? `Put ${adoption.name} on the path`
                : `Propose it for ${adoption.name}`}
            </Button>
            <CopyCurl asking={asking(false)} />
          </Group>
        </>
      )}
    </Loaded>
  )
}

function Found({ preview }: { preview: Preview }) {
  const { facts, files, kept, effects } = preview
  return (
    <>
      <div className="two">
        <Card title="What will happen" flush>
          <EffectList effects={effects.map((effect) => ({ step: effect.title, ...effect }))} />
        </Card>
        <Card title="What the rules would say">
          <Warnings preview={preview} />
        </Card>
      </div>
      <Card title="What was read" flush>
        <ul className="rows">
          {facts.map(({ fact, value, evidence, isGuess }) => (
            <li key={fact}>
              {fact} <Code>{value}</Code>{' '}
              <span className="mute">
                {isGuess && 'guessed: '}
                {evidence}
              </span>
            </li>
          ))}
          {kept.map((path) => (
            <li key={path}>
              <Code>{path}</Code> <span className="mute">is there and stays as it is</span>
            </li>
          ))}
        </ul>
      </Card>
      <Card title={files.length === 1 ? '1 new file' : `${files.length} new files`}>
        {files.length > 0 ? <FileBrowser files={files} /> : <Text size="sm">Nothing is missing.</Text>}
      </Card>
    </>
  )
}

/** They refuse no adoption: what they would refuse later is said now. */
function Warnings({ preview: { report } }: { preview: Preview }) {
  if (!report) return <Text size="sm">A repository with manifests of its own is judged once the files are there.</Text>
  return (
    <ul className="rows">
      {report.problems.map(({ file, message }) => (
        <li key={`${file} ${message}`} style={{ paddingInline: 0 }}>
          <Status state="warn" quiet /> {file && <Code>{file}</Code>} {message}
        </li>
      ))}
      {report.environments.map(({ name, ok, says, findings, problems }) => (
        <li key={name} style={{ paddingInline: 0 }}>
          <Status state={ok ? 'allowed' : 'warn'} word={ok ? undefined : 'Would be refused'} quiet />{' '}
          <strong>{name}</strong> {says}
          {[...problems.map(({ message }) => message), ...findings.map(({ message, fix }) => `${message}. ${fix}`)].map(
            (line) => (
              <Text size="sm" key={line}>
                {line}
              </Text>
            ),
          )}
        </li>
      ))}
    </ul>
  )
}

function bodyOf({ owner, name, entry, port, health }: Adoption) {
  return { repository: { owner, name }, ...(entry && { entry }), ...(port && { port }), ...(health && { health }) }
}
