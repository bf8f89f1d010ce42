import { Menu, Text, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconLogout, IconStethoscope, IconUserCircle } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api, data } from './api.ts'
import { paths } from './paths.ts'
import { queries } from './queries.ts'

/** Who I am, with roles; acting as another local person; signing out. */
export function PersonMenu() {
  const me = useQuery(queries.me())
  const options = useQuery(queries.signIn())
  const client = useQueryClient()
  const navigate = useNavigate()
  if (!me.data) return null
  const { person } = me.data
  const others = (options.data?.people ?? []).filter(({ name }) => name !== person.name)
  const actAs = async (user: string) => {
    await data(api.POST('/api/v1/sessions/current/person', { body: { user } }))
    await client.resetQueries()
  }
  const leave = async () => {
    await data(api.DELETE('/api/v1/sessions/current', {}))
    client.clear()
    location.assign('/login')
  }
  return (
    <Menu position="bottom-end" width={290} shadow="md" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <UnstyledButton
          style={{ display: 'flex', alignItems: 'center', gap: 6, minHeight: 32, padding: '0 6px' }}
          aria-label={`Signed in as ${person.name}`}
        >
          <IconUserCircle size={18} aria-hidden />
          <Text size="sm" fw={600} style={{ whiteSpace: 'nowrap' }}>
            {person.name}
          </Text>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div style={{ padding: '6px 12px' }}>
          <Text fw={600} size="sm">
            {person.displayName}
          </Text>
          <Text size="xs" c="dimmed">
            {person.teams.join(', ')} · {person.roles.join(', ')}
          </Text>
        </div>
        {options.data?.identity === 'demo' && (
          <>
            <Menu.Divider />
            <Menu.Label c="dimmed">Act as another demo person</Menu.Label>
            {others.map((other) => (
              <Menu.Item key={other.name} onClick={() => void actAs(other.name)}>
                {other.name}{' '}
                <Text span size="xs" c="dimmed">
                  {other.teams.join(', ')} · {other.roles.join(', ')}
                </Text>
              </Menu.Item>
            ))}
          </>
        )}
        <Menu.Divider />
        <Menu.Item leftSection={<IconStethoscope size={15} />} onClick={() => void navigate({ to: paths.doctor })}>
          Doctor
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
