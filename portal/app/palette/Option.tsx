import {
  IconBolt,
  IconBook,
  IconBox,
  IconCirclePlus,
  IconGitPullRequest,
  IconHistory,
  IconLayoutSidebar,
  IconPlayerPlay,
  IconStack2,
} from '@tabler/icons-react'
import { Fragment } from 'react'
import { Keys } from '../../ui/Keys.tsx'
import type { Entry } from './entry.ts'

const icons = {
  Recent: IconHistory,
  Catalog: IconBox,
  Acts: IconBolt,
  Create: IconCirclePlus,
  Runs: IconPlayerPlay,
  Changes: IconGitPullRequest,
  Environments: IconStack2,
  Pages: IconLayoutSidebar,
  Docs: IconBook,
} satisfies Record<Entry['section'], typeof IconBox>

/** One line: what it is, what else there is to know, the command that does the same, and its keys. */
export function Option({
  id,
  entry,
  active,
  open,
}: {
  readonly id: string
  readonly entry: Entry & { readonly at: readonly number[] }
  readonly active: boolean
  readonly open: () => void
}) {
  const { section, title, at, detail, cli, keys } = entry
  const Icon = icons[section]
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus, jsx-a11y/prefer-tag-over-role -- the focus stays in the input (combobox), which hears Enter
    <div id={id} role="option" aria-selected={active} className="palette-option" onClick={open}>
      <Icon size={16} stroke={1.7} aria-hidden />
      <span className="palette-title">
        <Marked text={title} at={at} />
        {detail && <span className="palette-detail"> {detail}</span>}
      </span>
      {cli && <code>{cli}</code>}
      {keys && <Keys keys={keys} />}
    </div>
  )
}

/** The letters that were typed stand out. */
function Marked({ text, at }: { text: string; at: readonly number[] }) {
  const starts = at.filter((place) => !at.includes(place - 1))
  const ends = starts.map((start) => at.find((place) => place >= start && !at.includes(place + 1)) ?? start)
  return (
    <>
      {text.slice(0, starts[0])}
      {starts.map((start, index) => {
        const behind = (ends[index] ?? start) + 1
        return (
          <Fragment key={start}>
            <mark>{text.slice(start, behind)}</mark>
            {text.slice(behind, starts[index + 1])}
          </Fragment>
        )
      })}
    </>
  )
}
