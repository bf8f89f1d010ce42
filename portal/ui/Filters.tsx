import { Button, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'

export interface Facet {
  readonly name: string
  readonly label: string
  readonly options?: readonly (string | { readonly value: string; readonly label: string })[]
}

interface FiltersProps {
  readonly facets: readonly Facet[]
  readonly values: Readonly<Record<string, string | undefined>>
  readonly set: (patch: Record<string, string | undefined>) => void
}

/** Filters of a page. A facet with options is a choice, one without is a text; `/` goes to the first text. */
export function Filters({ facets, values, set }: FiltersProps) {
  // What is filtered otherwise begins at its first page.
  const filter: FiltersProps['set'] = (patch) => set({ ...patch, cursor: undefined })
  const active = facets.some(({ name }) => values[name])
  return (
    <div className="filters">
      {facets.map((facet) =>
        facet.options ? (
          <Select
            key={facet.name}
            label={facet.label}
            data={[...facet.options]}
            value={values[facet.name] ?? null}
            placeholder="any"
            clearable
            clearButtonProps={{ 'aria-label': `Clear ${facet.label}` }}
            onChange={(value) => filter({ [facet.name]: value ?? undefined })}
          />
        ) : (
          <TextFacet key={facet.name} facet={facet} value={values[facet.name] ?? ''} set={filter} />
        ),
      )}
      {active && (
        <Button
          variant="subtle"
          color="gray"
          styles={{ root: { color: 'var(--mantine-color-dimmed)' } }}
          onClick={() => filter(Object.fromEntries(facets.map(({ name }) => [name, undefined])))}
        >
          Clear filters
        </Button>
      )}
    </div>
  )
}

function TextFacet({ facet, value, set }: { facet: Facet; value: string; set: FiltersProps['set'] }) {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  if (known !== value) {
    setKnown(value)
    setText(value)
  }
  const later = useDebouncedCallback((next: string) => set({ [facet.name]: next || undefined }), 250)
  return (
    <TextInput
      label={facet.label}
      value={text}
      data-filter
      onChange={({ currentTarget }) => {
        setText(currentTarget.value)
        later(currentTarget.value)
      }}
    />
  )
}
