import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Go } from '../../app/links.tsx'
import { changePath, paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import type { Run, RunCommit } from '../../model.ts'
import { Ago } from '../../ui/Ago.tsx'
import { Card } from '../../ui/Card.tsx'
import { CopyIcon, withShortVersions } from '../../ui/Copy.tsx'
import { Loaded } from '../../ui/Loaded.tsx'

const silent: readonly Run['workflow'][] = ['check', 'undo', 'repair-drift', 'render-cluster']

/** What the run did, as Git has it: each real commit with where it lies, what it is for and what it changed. */
export function RunCommits({ run }: { run: Run }) {
  const query = useQuery({ ...queries.runCommits(run.id), enabled: !silent.includes(run.workflow) })
  if (silent.includes(run.workflow) || (query.data && query.data.items.length === 0 && run.state !== 'running'))
    return null
  return (
    <Card title="Commits" flush>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" p="md">
              No commit yet.
            </Text>
          ) : (
            <ol className="rows">
              {items.map((one) => (
                <OneCommit key={one.commit} run={run} commit={one} />
              ))}
            </ol>
          )
        }
      </Loaded>
    </Card>
  )
}

function OneCommit({ run, commit: one }: { run: Run; commit: RunCommit }) {
  const change = changePath(one.change)
  const files = one.files.length + one.moreFiles
  return (
    <li>
      <div>
        <code>{one.commit.slice(0, 7)}</code>
        <CopyIcon text={one.commit} label={`Copy the id of commit ${one.commit.slice(0, 7)}`} />{' '}
        <Go to={paths.runCommit(run.id, one.commit)} fw={600}>
          {withShortVersions(one.title)}
        </Go>
      </div>
      <Text size="sm">{meaningOf(run, one)}</Text>
      <Text size="sm" c="dimmed">
        {one.repository}, {files === 1 ? '1 file' : `${files} files`}, {one.author}, <Ago at={one.at} />
        {change && (
          <>
            {' '}
            · by <Go to={change}>{one.change}</Go>
          </>
        )}
      </Text>
    </li>
  )
}

function meaningOf({ workflow, service, environment }: Run, { step, place }: RunCommit): string {
  if (place === 'delivery')
    return `What ${service} runs in ${environment ?? 'the environment'}, rendered: whatever delivers there reads this commit.`
  if (step === 'push-skeleton')
    return `The whole repository of ${service}, from the golden path: it is the team’s from here on.`
  return workflow === 'release' ? 'What was pushed: this commit is what the run releases.' : 'Written by this run.'
}
