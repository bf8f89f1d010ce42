import { Button, Group, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api, data } from '../../app/api.ts'
import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import type { Hello } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { CopyText } from '../../ui/Copy.tsx'
import { Failure } from '../../ui/Failure.tsx'

/** What a platform without any service says: what it is, and the one act that makes the first service. */
export function Greeting({ hello, mayCreate }: { hello: Hello | undefined; mayCreate: boolean }) {
  return (
    <Card title="Welcome to Fairway">
      <div className="greeting prose">
        <Text>
          Fairway takes an idea to a running, observed service: repository, pipeline, image, rules, rollout, logs,
          metrics and the way back. Everything it does is a commit that you can read.
        </Text>
        {hello ? <Start hello={hello} /> : <NotHere mayCreate={mayCreate} />}
      </div>
    </Card>
  )
}

function Start({ hello }: { hello: Hello }) {
  const navigate = useNavigate()
  const { template, name, owner, command } = hello
  const create = useMutation({
    mutationFn: () =>
      data(api.POST('/api/v1/services', { body: { template, name, owner, values: {}, dryRun: false } })),
    onSuccess: (started) => 'run' in started && void navigate({ to: paths.run(started.run.id) }),
  })
  return (
    <>
      <Group gap="md">
        <Button size="md" onClick={() => create.mutate()} loading={create.isPending || create.isSuccess}>
          Create {name}
        </Button>
        <CopyText text={command} label="Copy the command that does the same" />
      </Group>
      {create.error && <Failure error={create.error} title={`${name} was not created`} />}
      <Text size="sm" c="dimmed">
        It is made at once from the golden path <Go to={paths.createFrom(template)}>{template}</Go> with its defaults,
        for {owner}. The page that follows shows each step and each commit. Rather choose name and answers yourself?{' '}
        <Go to={paths.create}>Start from a golden path</Go>.
      </Text>
    </>
  )
}

function NotHere({ mayCreate }: { mayCreate: boolean }) {
  return mayCreate ? (
    <Text size="sm">
      No service exists yet. <Go to={paths.create}>Start from a golden path</Go>: it asks a few questions first.
    </Text>
  ) : (
    <Text size="sm">No service exists yet. Your role reads everything; a developer of a team creates services.</Text>
  )
}
