import type { Asking } from '@fairway/curl'
import { curlOf, shellWord } from '@fairway/curl'
import { Button, Menu } from '@mantine/core'
import { IconCopy } from '@tabler/icons-react'
import { useState } from 'react'

export type Decision = 'approve' | 'reject' | 'merge' | 'close'

interface CopyDecisionProps {
  readonly change: string
  readonly comment: string
  /** Those whose buttons are on the page now. */
  readonly offered: readonly Decision[]
  readonly asking: (which: Decision) => Asking
}

const words = { approve: 'Approve', reject: 'Reject', merge: 'Merge', close: 'Close' } as const

/** Each decision that is offered, as a line of this command line and of curl. */
export function CopyDecision({ change, comment, offered, asking }: CopyDecisionProps) {
  const [copied, setCopied] = useState(false)
  const copy = async (line: string | Promise<string>) => {
    await navigator.clipboard.writeText(await line)
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <Menu position="bottom-end" shadow="md" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconCopy size={14} />}>
          <span aria-live="polite">{copied ? 'Copied' : 'Copy as …'}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {offered.flatMap((which) => [
          <Menu.Item key={which} onClick={() => void copy(commandOf(which, change, comment))}>
            {words[which]} as CLI
          </Menu.Item>,
          <Menu.Item key={`${which} curl`} onClick={() => void copy(curlOf(asking(which), location.origin))}>
            {words[which]} as curl
          </Menu.Item>,
        ])}
      </Menu.Dropdown>
    </Menu>
  )
}

function commandOf(which: Decision, change: string, comment: string): string {
  const flag = which === 'close' ? '--reason' : '--comment'
  const said = comment === '' || which === 'merge' ? '' : ` ${flag} ${shellWord(comment)}`
  return `fairway change ${which} ${change}${said}`
}
