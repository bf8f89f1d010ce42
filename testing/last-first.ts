/** Whatever takes hooks: a test, or a file by node:test's own `after`. */
export interface Hooks {
  readonly after: (act: () => unknown) => void
}

/** node:test runs `after` hooks in the order they came; what is made last must go first. */
export function lastFirst(t: Hooks): (act: () => unknown) => void {
  const acts: (() => unknown)[] = []
  t.after(async () => {
    for (const act of acts.toReversed()) await act()
  })
  return (act) => void acts.push(act)
}
