import { Tooltip } from '@mantine/core'
import { IconPointFilled, IconRefresh } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { followNews, type LiveState } from './live.ts'

/** Whether what is shown follows the platform, or since when it does not. */
export function LiveBadge() {
  const client = useQueryClient()
  const [link, setLink] = useState<LiveState>()
  useEffect(() => followNews(client, setLink), [client])
  if (link?.state === 'live')
    return (
      <Tooltip label="This page follows the platform as it changes">
        <output className="status good">
          <IconPointFilled size={14} aria-hidden /> live
        </output>
      </Tooltip>
    )
  const since = link && new Date(link.since).toLocaleTimeString()
  return (
    <output className="status warn">
      <IconRefresh size={14} aria-hidden className="turning" />{' '}
      {since ? `reconnecting, stale since ${since}` : 'connecting'}
    </output>
  )
}
