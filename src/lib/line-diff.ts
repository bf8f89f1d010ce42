/** What differs between two texts, line by line, as `- old` and `+ new`; cut off behind `most` lines, which is said. */
export function lineDiff(before: string, after: string, most: number): string[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')]
  while (old.length > 0 && fresh.length > 0 && old[0] === fresh[0]) {
    old.shift()
    fresh.shift()
  }
  while (old.length > 0 && fresh.length > 0 && old.at(-1) === fresh.at(-1)) {
    old.pop()
    fresh.pop()
  }
  const lines = old.length * fresh.length > tooMuch ? [...minus(old), ...plus(fresh)] : shortest(old, fresh)
  return lines.length > most ? [...lines.slice(0, most), `… ${lines.length - most} more lines`] : lines
}

/** Above it the longest common part is not looked for: the whole middle counts as changed. */
const tooMuch = 250_000

function shortest(old: readonly string[], fresh: readonly string[]): string[] {
  const common = Array.from({ length: old.length + 1 }, () => new Uint32Array(fresh.length + 1))
  const at = (a: number, b: number) => common[a]?.[b] ?? 0
  for (let a = old.length - 1; a >= 0; a--)
    for (let b = fresh.length - 1; b >= 0; b--) {
      const row = common[a]
      if (row) row[b] = old[a] === fresh[b] ? at(a + 1, b + 1) + 1 : Math.max(at(a + 1, b), at(a, b + 1))
    }
  const lines: string[] = []
  let [a, b] = [0, 0]
  while (a < old.length || b < fresh.length) {
    if (a < old.length && b < fresh.length && old[a] === fresh[b]) {
      a++
      b++
    } else if (b >= fresh.length || (a < old.length && at(a + 1, b) >= at(a, b + 1))) lines.push(`- ${old[a++]}`)
    else lines.push(`+ ${fresh[b++]}`)
  }
  return lines
}

function minus(lines: readonly string[]): string[] {
  return lines.map((line) => `- ${line}`)
}

function plus(lines: readonly string[]): string[] {
  return lines.map((line) => `+ ${line}`)
}
