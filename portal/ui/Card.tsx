import { Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'

interface CardProps {
  readonly title: string
  readonly aside?: ReactNode
  /** Rows and tables bring their own spacing. */
  readonly flush?: boolean
  readonly children: ReactNode
}

/** A titled region of a page. */
export function Card({ title, aside, flush, children }: CardProps) {
  const id = useId()
  return (
    <section className="card" aria-labelledby={id}>
      <header>
        <Title order={2} id={id}>
          {title}
        </Title>
        {aside}
      </header>
      <div className={flush ? undefined : 'body'}>{children}</div>
    </section>
  )
}
