import { Text } from '@mantine/core'
import { Ago } from '../../ui/Ago.tsx'
import { Empty } from '../../ui/Empty.tsx'

interface ShownCommit {
  readonly commit: string
  readonly author: string
  readonly message: string
  readonly at: string
}

export function CommitList({ commits }: { commits: readonly ShownCommit[] }) {
  if (commits.length === 0) return <Empty title="No commit differs" />
  return (
    <ul className="rows">
      {commits.map((one) => (
        <li key={one.commit}>
          <code>{one.commit.slice(0, 12)}</code> {one.message.split('\n')[0]}{' '}
          <Text span size="sm" c="dimmed">
            {one.author}, <Ago at={one.at} />
          </Text>
        </li>
      ))}
    </ul>
  )
}
