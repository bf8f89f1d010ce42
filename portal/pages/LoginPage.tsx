import { Alert, Button, PasswordInput, Text, Title, UnstyledButton } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api, data } from '../app/api.ts'
import { queries } from '../app/queries.ts'
import { useAddress } from '../app/search.ts'
import { Failure } from '../ui/Failure.tsx'
import { Loaded } from '../ui/Loaded.tsx'

// Read and taken out of the address before anything else can see it: a one-time key does not stay in the history.
const keyOfLink = location.pathname === '/login' ? location.hash.slice(1) : ''
if (keyOfLink) history.replaceState(history.state, '', location.pathname + location.search)

/** Signing in as a local person, with the key of the link or the login key. */
export function LoginPage() {
  const options = useQuery(queries.signIn())
  const client = useQueryClient()
  const [{ next }] = useAddress()
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState<string>()
  const [error, setError] = useState<unknown>()
  const key = typed || keyOfLink
  useEffect(() => {
    document.title = 'Sign in · Fairway'
  }, [])
  const enter = async (user: string) => {
    setBusy(user)
    setError(undefined)
    try {
      await data(api.POST('/api/v1/sessions', { body: { user, key, carrier: 'cookie' } }))
      client.clear()
      location.assign(insideOnly(next))
    } catch (problem) {
      setError(problem)
      setBusy(undefined)
    }
  }
  return (
    <main style={{ maxWidth: 560, margin: '0 auto', padding: '7vh 16px 40px' }} className="stack">
      <div style={{ display: 'flex', alignItems: 'center', gap: 12 }}>
        <img src="/favicon.svg" width={34} height={34} alt="" />
        <Title order={1}>Sign in to Fairway</Title>
      </div>
      <Loaded query={options} lines={8}>
        {({ people, notice }) => (
          <>
            {!keyOfLink && (
              <PasswordInput
                label="Login key"
                description="From the file login-key in the data folder of this platform, or open the one-time link that npm start prints."
                value={typed}
                autoComplete="off"
                onChange={({ currentTarget }) => setTyped(currentTarget.value)}
              />
            )}
            {error !== undefined && <Failure error={error} title="Not signed in" />}
            <section className="card" aria-label="People">
              <header>
                <Title order={2}>Who are you?</Title>
              </header>
              <ul className="rows">
                {people.map((person) => (
                  <li key={person.name} style={{ padding: 0 }}>
                    <UnstyledButton
                      disabled={!key || busy !== undefined}
                      onClick={() => void enter(person.name)}
                      style={{
                        display: 'flex',
                        width: '100%',
                        padding: '8px 16px',
                        gap: 8,
                        alignItems: 'baseline',
                        flexWrap: 'wrap',
                        cursor: key ? 'pointer' : 'not-allowed',
                      }}
                    >
                      <Text fw={600}>{person.displayName}</Text>
                      <Text size="sm" c="dimmed">
                        {person.name} · {person.teams.join(', ')} · {person.roles.join(', ')}
                      </Text>
                      <Text size="sm" ml="auto" c="var(--mantine-color-anchor)" aria-hidden>
                        {busy === person.name ? 'Signing in …' : key ? 'Sign in' : ''}
                      </Text>
                    </UnstyledButton>
                  </li>
                ))}
              </ul>
            </section>
            {keyOfLink && error !== undefined && !typed && (
              <Button variant="default" onClick={() => location.assign('/login')}>
                Use the login key instead
              </Button>
            )}
            <Alert
              variant="outline"
              color="gray"
              icon={<IconInfoCircle aria-hidden />}
              styles={{ message: { color: 'inherit' } }}
            >
              {notice}
            </Alert>
          </>
        )}
      </Loaded>
    </main>
  )
}

/** Where to go on; an address of another site is not followed. */
function insideOnly(next: string | undefined): string {
  if (!next) return '/'
  const target = URL.canParse(next, location.origin) ? new URL(next, location.origin) : undefined
  return target && target.origin === location.origin ? target.pathname + target.search : '/'
}
