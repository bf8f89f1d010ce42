import { IconBell } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { paths } from './paths.ts'
import { queries } from './queries.ts'

/** The way to what I was told, with how much of it I did not read; it follows the stream of news. */
export function Bell() {
  const { data } = useQuery(queries.notifications({ limit: 1 }))
  const unread = data?.unread ?? 0
  const label = unread > 0 ? `Notifications, ${unread} unread` : 'Notifications'
  return (
    <Link to={paths.notifications} className="bell" aria-label={label} title={label}>
      <IconBell size={17} aria-hidden />
      {unread > 0 && <span className="bell-count">{unread > 99 ? '99+' : unread}</span>}
    </Link>
  )
}
