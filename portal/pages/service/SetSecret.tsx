import { Button, Checkbox, Select, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { api, data } from '../../app/api.ts'
import type { Secret, ServiceDetail } from '../../model.ts'
import { Failure } from '../../ui/Failure.tsx'

interface SetSecretProps {
  readonly service: ServiceDetail
  /** The row that was chosen; without one the form asks for environment and name. */
  readonly secret: Secret | undefined
  readonly finish: (sentence: string) => void
}

const fields = ['environment', 'name', 'value'] as const

/** Sends a value and forgets it. It is in no state of the page, only in the field until it was sent. */
export function SetSecret({ service, secret, finish }: SetSecretProps) {
  const client = useQueryClient()
  const form = useRef<HTMLFormElement>(null)
  const environments = service.environments.map(({ name }) => name)
  const [environment, setEnvironment] = useState(secret?.environment ?? environments[0] ?? 'dev')
  const [name, setName] = useState(secret?.name ?? '')
  const rotate = secret?.state === 'set'
  const send = useMutation({
    mutationFn: () => {
      const body = { environment, name, value: readValue(form.current), rotate }
      return data(api.POST('/api/v1/services/{name}/secrets', { params: { path: { name: service.name } }, body }))
    },
    onSuccess: async (made) => {
      form.current?.reset()
      await client.invalidateQueries({ queryKey: ['services', service.name, 'secrets'] })
      finish(sentenceOf(made))
    },
    onError: (error) => fieldOf(form.current, [...errorsOf(error).keys()][0])?.focus(),
  })
  const errors = errorsOf(send.error)
  return (
    <form
      ref={form}
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!send.isPending) send.mutate()
      }}
    >
      {!secret && (
        <>
          <Select
            label="Environment"
            name="environment"
            data={environments}
            value={environment}
            allowDeselect={false}
            error={errors.get('environment')}
            onChange={(next) => setEnvironment(next ?? environment)}
          />
          <TextInput
            label="Name"
            name="name"
            description="<resource>.<key>, as db.password for ${resources.db.password}"
            value={name}
            error={errors.get('name')}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
        </>
      )}
      <Value error={errors.get('value')} autofocus={secret !== undefined} />
      {rotate && <Text size="sm">New instances start with the new version; old ones stop once those are ready.</Text>}
      {send.error && errors.size === 0 && <Failure error={send.error} title="Not set" />}
      <Button type="submit" loading={send.isPending}>
        {rotate ? 'Rotate' : 'Set'}
      </Button>
    </form>
  )
}

// React would write a controlled value into the page as an attribute, so these fields keep it to themselves.
function Value({ error, autofocus }: { error: string | undefined; autofocus: boolean }) {
  const [isLong, setLong] = useState(false)
  const shared = {
    label: 'Value',
    name: 'value',
    error,
    autoComplete: 'off',
    spellCheck: false,
    'data-autofocus': autofocus || undefined,
  }
  return (
    <>
      {isLong ? (
        <Textarea
          {...shared}
          description="One line break at the end is left out."
          rows={6}
          styles={{ input: { WebkitTextSecurity: 'disc' } as object }}
        />
      ) : (
        <TextInput {...shared} type="password" />
      )}
      <Checkbox
        label="Several lines, as a key or certificate"
        checked={isLong}
        onChange={({ currentTarget }) => setLong(currentTarget.checked)}
      />
    </>
  )
}

function fieldOf(form: HTMLFormElement | null, name: string | undefined): HTMLInputElement | null {
  return name === undefined || !form ? null : form.querySelector<HTMLInputElement>(`[name="${name}"]`)
}

// As the command line: files end with a line break that nobody means.
function readValue(form: HTMLFormElement | null): string {
  return (fieldOf(form, 'value')?.value ?? '').replace(/\n$/, '')
}

/** What the server says of each field of this form. */
function errorsOf(error: unknown): ReadonlyMap<string, string> {
  const told = (error as { errors?: readonly { path: string; message: string }[] } | null)?.errors ?? []
  return new Map(
    told.flatMap(({ path, message }) => {
      const field = fields.find((one) => path.split(/[./]/).at(-1) === one)
      return field ? [[field, message] as const] : []
    }),
  )
}

function sentenceOf({ name, environment, version, declared }: Secret): string {
  const what = `${name} has version ${version} in ${environment}.`
  return declared ? what : `${what} score.yaml on main does not ask for it yet.`
}
