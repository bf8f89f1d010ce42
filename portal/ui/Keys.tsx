const isMac = /^Mac|^iP/.test(navigator.platform)

/** A shortcut as keys: `g h`, `Ctrl K` (on a Mac its own key). */
export function Keys({ keys }: { readonly keys: string }) {
  return (
    <span className="keys">
      {keys.split(' ').map((key) => (
        <kbd key={key}>{key === 'Ctrl' && isMac ? '⌘' : key}</kbd>
      ))}
    </span>
  )
}
