/** What this browser keeps for a person; nothing where it keeps nothing (private windows, switched off, full). */
export function readKept(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

export function writeKept(key: string, text: string): void {
  try {
    localStorage.setItem(key, text)
  } catch {
    // without it the portal only remembers less
  }
}
