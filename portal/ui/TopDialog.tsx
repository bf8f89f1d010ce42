import './topDialog.css'
import { type ReactNode, useLayoutEffect, useRef } from 'react'

/** A dialog above everything: the browser keeps the focus inside, closes it on Esc, and gives the focus back. */
export function TopDialog({
  label,
  close,
  children,
}: {
  readonly label: string
  readonly close: () => void
  readonly children: ReactNode
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  // before the browser paints, and closed before it leaves the page: only so the focus comes back
  useLayoutEffect(() => {
    const element = dialog.current
    element?.showModal()
    return () => element?.close()
  }, [])
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- a click beside it; Esc does the same
    <dialog
      ref={dialog}
      className="top"
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
      onClick={({ target }) => target === dialog.current && close()}
    >
      <div className="inside">{children}</div>
    </dialog>
  )
}
