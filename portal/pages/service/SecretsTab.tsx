import { Button, Group, Modal, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { queries } from '../../app/queries.ts'
import type { Secret, ServiceDetail } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { CopyText } from '../../ui/Copy.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { DeleteSecret } from './DeleteSecret.tsx'
import { SecretTable } from './SecretTable.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'
import { SetSecret } from './SetSecret.tsx'

/** What is set and what is missing in each environment, and the form that sets it. Values are nowhere in it. */
export function SecretsTab() {
  const { name } = useParams({ strict: false }) as { name: string }
  return (
    <ServiceFrame tab="secrets" cli={`fairway secret list --service ${name}`}>
      {(service) => <Secrets service={service} />}
    </ServiceFrame>
  )
}

/** What was asked for: a secret to set, one of a row to set or rotate, or one to delete. */
type Asked = { readonly act: 'set'; readonly secret?: Secret } | { readonly act: 'delete'; readonly secret: Secret }

function Secrets({ service }: { service: ServiceDetail }) {
  const secrets = useQuery(queries.secrets(service.name))
  const [asked, setAsked] = useState<Asked>()
  const [done, setDone] = useState('')
  const word = useRef<HTMLOutputElement>(null)
  // the button that opened the form may be gone by now
  useEffect(() => (done ? word.current?.focus() : undefined), [done])
  const ask = (next: Asked) => {
    setDone('')
    setAsked(next)
  }
  const finish = (sentence: string) => {
    setDone(sentence)
    setAsked(undefined)
  }
  return (
    <Loaded query={secrets} lines={8}>
      {({ items, maySet }) => (
        <div className="stack">
          {maySet ? (
            <Group gap="sm">
              <Button onClick={() => ask({ act: 'set' })} data-act="Set a secret…">
                Set a secret …
              </Button>
              <output ref={word} tabIndex={-1}>
                {done}
              </output>
            </Group>
          ) : (
            <Text size="sm">
              You see names, versions and dates. Members of {service.owner} and platform engineers set, rotate and
              delete.
            </Text>
          )}
          {items.length === 0 ? (
            <NoSecret service={service} />
          ) : (
            service.environments.map(({ name }) => (
              <Card key={name} title={name} flush>
                <SecretTable
                  environment={name}
                  secrets={items.filter(({ environment }) => environment === name)}
                  maySet={maySet}
                  set={(secret) => ask({ act: 'set', secret })}
                  remove={(secret) => ask({ act: 'delete', secret })}
                />
              </Card>
            ))
          )}
          <Text size="sm" c="dimmed">
            A value is kept sealed and never shown again. What runs takes a new version over one instance after the
            other.
          </Text>
          <Modal
            opened={asked !== undefined}
            onClose={() => setAsked(undefined)}
            title={asked && titleOf(asked)}
            returnFocus={done === ''}
            closeButtonProps={{ 'aria-label': 'Close' }}
          >
            {asked?.act === 'set' && <SetSecret service={service} secret={asked.secret} finish={finish} />}
            {asked?.act === 'delete' && <DeleteSecret service={service.name} secret={asked.secret} finish={finish} />}
          </Modal>
        </div>
      )}
    </Loaded>
  )
}

function titleOf({ act, secret }: Asked): string {
  if (!secret) return 'Set a secret'
  const verb = act === 'delete' ? 'Delete' : secret.state === 'set' ? 'Rotate' : 'Set'
  return `${verb} ${secret.name} in ${secret.environment}`
}

function NoSecret({ service: { name, environments } }: { service: ServiceDetail }) {
  return (
    <div className="card">
      <Empty
        title={`${name} asks for no secret`}
        body="score.yaml names it, here it gets its value: the variable, the resource, and the command that sets it."
        action={
          <div className="stack" style={{ gap: 6, justifyItems: 'center' }}>
            <CopyText text={'DATABASE_PASSWORD: ${resources.db.password}'} label="Copy the variable" />
            <CopyText text="db: { type: secret }" label="Copy the resource" />
            <CopyText
              text={`fairway secret set db.password --service ${name} --env ${environments[0]?.name ?? 'dev'}`}
              label="Copy the command"
            />
          </div>
        }
      />
    </div>
  )
}
