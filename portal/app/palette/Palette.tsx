import './palette.css'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { TopDialog } from '../../ui/TopDialog.tsx'
import { target } from '../links.tsx'
import { type Entry, listed } from './entry.ts'
import { Foot } from './Foot.tsx'
import { NothingFound } from './NothingFound.tsx'
import { Option } from './Option.tsx'
import { useEntries } from './useEntries.ts'

interface PaletteProps {
  /** Only what can be done on this page. */
  readonly only?: 'Acts' | undefined
  readonly close: () => void
  readonly openList: () => void
}

/** Finds and does: what was looked at last, the catalog, acts of this page, runs, changes, pages, docs. */
export function Palette({ only, close, openList }: PaletteProps) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState<string>()
  const [copied, setCopied] = useState(false)
  const id = useId()
  const { entries, isSearching, lost } = useEntries(query, { list: openList })
  const shown = only
    ? listed(
        query,
        entries.filter(({ section }) => section === only),
        60,
      )
    : listed(query, entries)
  const flat = shown.flatMap((one) => one.entries)
  // what was chosen stays chosen while more arrives
  const at = Math.max(
    0,
    flat.findIndex((entry) => entry.id === chosen),
  )
  const active = flat[at]
  const open = ({ open: how }: Entry) => {
    close()
    if ('to' in how) void navigate(target(how.to))
    // once the dialog is gone: what it covers takes no focus
    else setTimeout(how.act)
  }
  const copy = async (line: string) => {
    await navigator.clipboard.writeText(line)
    setCopied(true)
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const step = steps[event.key]
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      if (active?.cli) void copy(active.cli)
    } else if (event.key === 'Enter' && active) open(active)
    else if (step && flat.length > 0) setChosen(flat[(at + step + flat.length) % flat.length]?.id)
    else return
    event.preventDefault()
  }
  return (
    <TopDialog label={only ? 'Acts of this page' : 'Search and act'} close={close}>
      <input
        className="palette-input"
        role="combobox"
        aria-label={only ? 'Acts of this page' : 'Search and act'}
        aria-expanded={flat.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active && `${id}-${at}`}
        placeholder={only ? 'What to do here' : 'Find, or say what to do'}
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        maxLength={100}
        value={query}
        onChange={({ currentTarget }) => {
          setQuery(currentTarget.value)
          setChosen(undefined)
          setCopied(false)
        }}
        onKeyDown={onKey}
      />
      <Listbox id={`${id}-list`} empty={flat.length === 0} active={active?.id}>
        {shown.map(({ section, entries: lines }) => (
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- groups of a listbox have no tag
          <div key={section} role="group" aria-labelledby={`${id}-${section}`}>
            <div id={`${id}-${section}`} role="presentation" className="palette-section">
              {section}
            </div>
            {lines.map((entry) => (
              <Option
                key={entry.id}
                id={`${id}-${flat.indexOf(entry)}`}
                entry={entry}
                active={entry === active}
                open={() => open(entry)}
              />
            ))}
          </div>
        ))}
      </Listbox>
      {flat.length === 0 && (
        <NothingFound
          query={query}
          only={only}
          isSearching={isSearching}
          go={(to) => open({ ...nowhere, open: { to } })}
        />
      )}
      <Foot
        count={flat.length}
        active={active}
        copied={copied}
        isSearching={isSearching}
        lost={lost}
        again={() => void client.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' })}
      />
    </TopDialog>
  )
}

const steps: Readonly<Partial<Record<string, number>>> = { ArrowDown: 1, ArrowUp: -1 }
const nowhere = { id: '', section: 'Pages', title: '' } as const

function Listbox({
  id,
  empty,
  active,
  children,
}: {
  id: string
  empty: boolean
  active: string | undefined
  children: React.ReactNode
}) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [active])
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a datalist cannot be styled or have groups
    <div ref={list} id={id} role="listbox" aria-label="Results" className="palette-list" hidden={empty}>
      {children}
    </div>
  )
}
