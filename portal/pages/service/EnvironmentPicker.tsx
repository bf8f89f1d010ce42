import { SegmentedControl } from '@mantine/core'
import { useAddress } from '../../app/search.ts'
import type { ServiceDetail } from '../../model.ts'

/** The environment that a tab is about, from the address; without one the first where something runs. */
export function useEnvironment(service: ServiceDetail): string {
  const [{ environment }] = useAddress()
  const names = service.environments.map(({ name }) => name)
  if (environment && names.includes(environment)) return environment
  return service.environments.find(({ release }) => release)?.name ?? names[0] ?? 'dev'
}

export function EnvironmentPicker({ service }: { service: ServiceDetail }) {
  const [, set] = useAddress()
  const environment = useEnvironment(service)
  return (
    <SegmentedControl
      size="xs"
      aria-label="Environment"
      data={service.environments.map(({ name }) => name)}
      value={environment}
      onChange={(next) => set({ environment: next })}
    />
  )
}
