import { useNavigate, useSearch } from '@tanstack/react-router'

/** Filters and tabs live in the address, so that every view is a link. An empty value leaves the address. */
export function useAddress(): [
  Readonly<Record<string, string | undefined>>,
  (patch: Record<string, string | undefined>) => void,
] {
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const navigate = useNavigate()
  const texts = Object.fromEntries(Object.entries(search).map(([key, value]) => [key, String(value)]))
  const set = (patch: Record<string, string | undefined>) => {
    const next = Object.entries({ ...texts, ...patch }).filter(([, value]) => value)
    void navigate({ to: '.', search: Object.fromEntries(next) as never, replace: true })
  }
  return [texts, set]
}
