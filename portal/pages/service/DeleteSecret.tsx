import { Button, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, data } from '../../app/api.ts'
import type { Secret } from '../../model.ts'
import { Failure } from '../../ui/Failure.tsx'

interface DeleteSecretProps {
  readonly service: string
  readonly secret: Secret
  readonly finish: (sentence: string) => void
}

/** Deletes after saying what goes; what is still asked for says so instead. */
export function DeleteSecret({ service, secret: { environment, name, declared, running }, finish }: DeleteSecretProps) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () =>
      data(
        api.DELETE('/api/v1/services/{name}/secrets/{environment}/{secret}', {
          params: { path: { name: service, environment, secret: name } },
        }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['services', service, 'secrets'] })
      finish(`${name} is deleted in ${environment}.`)
    },
  })
  const usedBy = declared
    ? 'score.yaml asks for it'
    : running !== undefined && `workloads in ${environment} run with it`
  if (usedBy)
    return (
      <Text size="sm">
        It cannot be deleted: {usedBy}. Remove the reference and deliver that first. A leaked value is rotated.
      </Text>
    )
  return (
    <div className="stack">
      <Text size="sm">All its versions go, and no copy is kept. Nothing asks for it now.</Text>
      {remove.error && <Failure error={remove.error} title="Not deleted" />}
      <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
        Delete {name}
      </Button>
    </div>
  )
}
