import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, data } from '../app/api.ts'
import { type Answers, requestOf } from '../forms/questions.ts'
import type { Verdict } from '../model.ts'

export interface CheckState {
  /** By question. */
  readonly errors: ReadonlyMap<string, string>
  readonly verdict: Verdict | undefined
  /** True when what is shown is about the answers as they stand now. */
  readonly settled: boolean
  readonly failed: boolean
}

/** What the form gate says of the answers, asked a moment after the last key. */
export function useCheck(template: string, answers: Answers): CheckState {
  const [settledAnswers] = useDebouncedValue(answers, 300)
  const check = useQuery({
    queryKey: ['check', template, settledAnswers],
    queryFn: ({ signal }) => {
      const { name, owner, values } = requestOf(settledAnswers)
      const body = { values, ...(name && { name }), ...(owner && { owner }) }
      return data(api.POST('/api/v1/templates/{name}/check', { params: { path: { name: template } }, body, signal }))
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
  const refused = (check.error as { errors?: readonly { path: string; message: string }[] } | null)?.errors
  const errors = (check.data?.errors ?? refused ?? []).map(({ path, message }) => [keyOf(path), message] as const)
  return {
    // of two about one question the later is the platform's own sentence, the earlier a template's pattern
    errors: new Map(errors),
    verdict: check.error ? undefined : check.data?.verdict,
    settled: check.isSuccess && !check.isPlaceholderData && settledAnswers === answers,
    failed: check.isError && refused === undefined,
  }
}

/** `values.port`, `/values/port` and `port` all name the question `port`. */
function keyOf(path: string): string {
  const parts = path.split(/[./]/).filter(Boolean)
  return (parts[0] === 'values' ? parts[1] : parts[0]) ?? ''
}
