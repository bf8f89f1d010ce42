import type { Entry } from './entry.ts'

/**
 * The acts of the page that is open, read off its own buttons: `data-act` names the act, `data-cli` its line.
 * So the palette offers what the page offers, when it does. `data-look` goes to the button and leaves pressing it to the person.
 */
export function pageActs(): readonly Entry[] {
  const buttons = [...document.querySelectorAll<HTMLElement>('main [data-act]')].filter(
    (button) => !button.matches(':disabled, [aria-disabled="true"], [data-disabled="true"]'),
  )
  return buttons.map((button, index) => ({
    id: `act ${index} ${button.dataset['act']}`,
    section: 'Acts',
    title: button.dataset['act'] ?? '',
    cli: button.dataset['cli'],
    open: {
      act: () => {
        button.scrollIntoView({ block: 'center' })
        button.focus()
        if (button.dataset['look'] === undefined) button.click()
      },
    },
  }))
}
