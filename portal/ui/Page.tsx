import { Group, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'

interface PageProps {
  readonly title: string
  /** Beside the title: states, ids. */
  readonly aside?: ReactNode
  readonly subtitle?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** The frame of every page: one heading, its actions, and the tab's title. */
export function Page({ title, aside, subtitle, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Fairway`
  }, [title])
  return (
    <div className="stack">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ minWidth: 0, flex: '1 1 260px' }}>
          <Group gap="sm">
            <Title order={1}>{title}</Title>
            {aside}
          </Group>
          {subtitle && (
            <div className="mute" style={{ marginTop: 2 }}>
              {subtitle}
            </div>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </div>
  )
}
