import { Tooltip } from '@mantine/core'
import { useEffect, useState } from 'react'
import { ago } from './time.ts'

/** How long ago, with the exact time on hover and focus. */
export function Ago({ at }: { at: string | undefined }) {
  const [, turn] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => turn((count) => count + 1), 15_000)
    return () => clearInterval(timer)
  }, [])
  if (!at) return <span className="mute">–</span>
  return (
    <Tooltip label={new Date(at).toLocaleString()} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={at} style={{ whiteSpace: 'nowrap' }}>
        {ago(at)}
      </time>
    </Tooltip>
  )
}
