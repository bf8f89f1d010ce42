import { Keys } from '../../ui/Keys.tsx'
import type { Entry } from './entry.ts'

/** How many there are, what the keys do, and what could not be searched. */
export function Foot({
  count,
  active,
  copied,
  isSearching,
  lost,
  again,
}: {
  readonly count: number
  readonly active: Entry | undefined
  readonly copied: boolean
  readonly isSearching: boolean
  readonly lost: readonly string[]
  readonly again: () => void
}) {
  const said = copied
    ? 'The command is copied'
    : isSearching
      ? 'Searching'
      : count === 1
        ? '1 result'
        : `${count} results`
  return (
    <footer className="palette-foot">
      {lost.length > 0 && (
        <span className="bad">
          Not searched: {lost.join(', ')}.{' '}
          <button type="button" onClick={again}>
            Try again
          </button>
        </span>
      )}
      <output>{said}</output>
      <span className="palette-keys" aria-hidden>
        <span>
          <Keys keys="↑ ↓" /> choose
        </span>
        <span>
          <Keys keys="Enter" /> open
        </span>
        {active?.cli && (
          <span>
            <Keys keys="Ctrl Enter" /> copy command
          </span>
        )}
        <span>
          <Keys keys="Esc" /> close
        </span>
      </span>
    </footer>
  )
}
