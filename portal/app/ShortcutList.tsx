import './shortcutList.css'
import { CloseButton, Switch } from '@mantine/core'
import { useId, useState } from 'react'
import { Keys } from '../ui/Keys.tsx'
import { TopDialog } from '../ui/TopDialog.tsx'
import { shortcuts } from './keys.ts'
import { singleKeysOn, switchSingleKeys } from './shortcuts.ts'

const groups = ['Anywhere', 'On a page', 'Go to'] as const

/** Every shortcut, and the switch for those without Ctrl. */
export function ShortcutList({ close }: { close: () => void }) {
  const [on, setOn] = useState(singleKeysOn)
  const id = useId()
  return (
    <TopDialog label="Keyboard shortcuts" close={close}>
      <header className="shortcuts-head">
        <h2>Keyboard shortcuts</h2>
        <CloseButton onClick={close} aria-label="Close" />
      </header>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <section className="shortcuts" tabIndex={0} aria-label="Shortcuts">
        {groups.map((group, index) => (
          <section key={group} aria-labelledby={`${id}-${index}`} data-off={(!on && group !== 'Anywhere') || undefined}>
            <h3 id={`${id}-${index}`}>{group}</h3>
            <dl>
              {shortcuts
                .filter((one) => one.group === group)
                .map(({ keys, does }) => (
                  <div key={keys}>
                    <dt>
                      <Keys keys={keys} />
                    </dt>
                    <dd>{does}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </section>
      <footer className="shortcuts-foot">
        <Switch
          checked={on}
          label="Single-key shortcuts"
          description={on ? 'Off inside inputs. Ctrl K works everywhere.' : 'Only Ctrl K works now.'}
          onChange={({ currentTarget }) => {
            switchSingleKeys(currentTarget.checked)
            setOn(currentTarget.checked)
          }}
        />
      </footer>
    </TopDialog>
  )
}
