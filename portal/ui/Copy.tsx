import { ActionIcon, Button, CopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy, IconTerminal2, IconWorldUp } from '@tabler/icons-react'
import { useState } from 'react'

/** A text with a button that copies it. */
export function CopyText({ text, shown, label }: { text: string; shown?: string; label: string }) {
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 2, maxWidth: '100%' }}>
      <code>{shown ?? text}</code>
      <CopyIcon text={text} label={label} />
    </span>
  )
}

/** Only the button. */
export function CopyIcon({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon variant="subtle" color="gray" size={24} onClick={copy} aria-label={label}>
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}

/** The same act for the command line. */
export function CopyCli({ command }: { command: string }) {
  return (
    <CopyButton value={command}>
      {({ copied, copy }) => (
        <Tooltip label={<code>{command}</code>} multiline>
          <Button
            variant="default"
            leftSection={copied ? <IconCheck size={14} /> : <IconTerminal2 size={14} />}
            onClick={copy}
            data-act="Copy the command of this page"
            data-cli={command}
          >
            {copied ? 'Copied' : 'Copy as CLI'}
          </Button>
        </Tooltip>
      )}
    </CopyButton>
  )
}

/** Copies a text that is made when it is asked for. `of` tells buttons of one page apart for those who do not see them. */
export function CopyLater({ label, of, text }: { label: string; of?: string; text: () => Promise<string> }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(await text())
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <Button
      variant="default"
      leftSection={copied ? <IconCheck size={14} /> : <IconWorldUp size={14} />}
      onClick={() => void copy()}
      aria-label={of && `${label}: ${of}`}
    >
      <span aria-live="polite">{copied ? 'Copied' : label}</span>
    </Button>
  )
}

export function shortId(id: string): string {
  const bare = id.replace(/^sha256:/, '')
  return bare.length > 14 ? bare.slice(0, 12) : bare
}

/** The same for every such version inside a text. */
export function withShortVersions(text: string): string {
  return text.replace(/\b0\.0\.0-\d{14}-([0-9a-f]{7})[0-9a-f]{5}\b/g, '$1')
}

/** A version short enough for a table: `0.0.0-20261122232530-abcdef123456` becomes `abcdef123456`'s first 7. */
export function shortVersion(version: string): string {
  const [, commit] = /^0\.0\.0-\d{14}-([0-9a-f]{12})$/.exec(version) ?? []
  return commit ? commit.slice(0, 7) : version
}
