/** `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`. */
export function ago(at: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000))
  if (seconds < 5) return 'just now'
  return `${rough(seconds)} ago`
}

/** A length of time in the largest unit that says enough: `8 s`, `1 min 40 s`, `3 h`. */
export function lasting(seconds: number): string {
  if (seconds < 0.05) return '0 s'
  if (seconds < 10) return `${(Math.round(seconds * 10) / 10).toString()} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  return rough(seconds)
}

export function secondsBetween(from: string | undefined, to: string | undefined, now = Date.now()): number | undefined {
  if (!from) return undefined
  return Math.max(0, ((to ? Date.parse(to) : now) - Date.parse(from)) / 1000)
}

function rough(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}
