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

/** Gives hooks to work that is no test, and runs them when it ends, the last first. */
export async function withHooks<T>(work: (hooks: Hooks) => Promise<T>): Promise<T> {
  const acts: (() => unknown)[] = []
  try {
    return await work({ after: (act) => void acts.push(act) })
  } finally {
    for (const act of acts.toReversed()) await act()
  }
}
