import { shellWord } from '@fairway/curl'
import { Button, Group, Select, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Go, GoButton } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import { ownersFor } from '../../forms/ownersFor.ts'
import { Card } from '../../ui/Card.tsx'
import { CopyCli } from '../../ui/Copy.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Page } from '../../ui/Page.tsx'
import { type Adoption, AdoptionPreview } from './AdoptionPreview.tsx'

/** A repository that is there already: where it lies, everything that would be proposed, then the run. */
export function AdoptPage() {
  const me = useQuery(queries.me())
  const people = useQuery(queries.people())
  return (
    <Loaded query={me} lines={8}>
      {({ person }) => (
        <Loaded query={people} lines={8}>
          {({ teams }) => (
            <Adopt
              owners={ownersFor(
                person,
                teams.map(({ name }) => name),
              )}
            />
          )}
        </Loaded>
      )}
    </Loaded>
  )
}

const empty: Adoption = { owner: '', name: '', entry: '', port: '', health: '' }

function Adopt({ owners }: { owners: readonly string[] }) {
  const [asked, ask] = useState<Adoption>({ ...empty, owner: owners[0] ?? '' })
  const [previewed, preview] = useState<Adoption>()
  const isNamed = asked.owner !== '' && /^[a-z][a-z0-9-]*$/.test(asked.name)
  const [tries, setTries] = useState(0)
  const wasTried = tries > 0
  // The field is marked by the render that a try causes.
  useEffect(() => {
    if (tries > 0) document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [tries])
  const field = (key: keyof Adoption) => ({
    value: asked[key],
    onChange: (event: { currentTarget: { value: string } }) => {
      ask({ ...asked, [key]: event.currentTarget.value.trim() })
      preview(undefined)
    },
  })
  return (
    <Page
      title="Adopt a repository"
      subtitle="One change request says what it is; with its merge it is on the path"
      actions={<CopyCli command={commandFor(asked)} />}
    >
      <div className="stack">
        <Card title="The repository">
          <form
            className="stack"
            noValidate
            onSubmit={(event) => {
              event.preventDefault()
              setTries(tries + 1)
              if (isNamed) preview(asked)
            }}
          >
            <Group align="start" grow preventGrowOverflow={false}>
              <Select
                label="Team"
                description="Owns the repository and the service"
                data={[...owners]}
                value={asked.owner || null}
                onChange={(owner) => {
                  ask({ ...asked, owner: owner ?? '' })
                  preview(undefined)
                }}
                error={wasTried && asked.owner === '' ? 'a team is needed' : undefined}
                allowDeselect={false}
              />
              <TextInput
                label="Repository"
                description="Its name at the Git host; the service is called so"
                error={wasTried && !isNamed ? 'lower-case letters, digits and hyphens' : undefined}
                name="name"
                {...field('name')}
              />
            </Group>
            <details>
              <summary style={{ cursor: 'pointer', minHeight: 24 }}>What cannot be read from it</summary>
              <Group align="start" grow mt={8}>
                <TextInput label="File that Node.js starts" placeholder="server.js" {...field('entry')} />
                <TextInput label="Port it listens on" placeholder="8080" inputMode="numeric" {...field('port')} />
                <TextInput label="Path that answers 200 when it works" placeholder="/healthz" {...field('health')} />
              </Group>
            </details>
            <Group>
              <Button type="submit" size="sm">
                Preview
              </Button>
              <GoButton to={paths.create} variant="default" size="sm">
                Back to golden paths
              </GoButton>
            </Group>
            <Text size="sm" className="prose">
              Nothing is written before you propose it.{' '}
              <Go to={paths.doc('fairway', 'docs/guide/adopt.md')}>How an adoption works</Go>
            </Text>
          </form>
        </Card>
        {previewed && <AdoptionPreview adoption={previewed} />}
      </div>
    </Page>
  )
}

function commandFor({ owner, name, entry, port, health }: Adoption): string {
  const given = Object.entries({ entry, port, health }).filter(([, value]) => value !== '')
  const options = given.map(([key, value]) => ` --${key} ${shellWord(value)}`)
  return `fairway adopt ${owner || 'TEAM'}/${name || 'NAME'}${options.join('')} --wait`
}
