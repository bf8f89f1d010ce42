/** How well a text fits what was typed. */
export interface Match {
  /** 3: it begins so. 2: every word is in it. 1: some word only stands beside it. 0: only the letters, in this order. */
  readonly tier: 0 | 1 | 2 | 3
  readonly score: number
  /** Places in the title, for marking. */
  readonly at: readonly number[]
}

interface Piece {
  readonly tier: 0 | 1 | 2
  readonly score: number
  readonly at: readonly number[]
}

/** The one fuzzy match: every word that was typed must be in the title or beside it, or its letters in the title in their order. */
export function matchOf(query: string, title: string, beside = ''): Match | undefined {
  const text = title.toLowerCase()
  const words = query.toLowerCase().trim().split(/\s+/).filter(Boolean)
  const pieces = words.map((word) => pieceOf(word, text, beside.toLowerCase()))
  if (pieces.some((piece) => piece === undefined)) return undefined
  const found = pieces as Piece[]
  const lowest = Math.min(2, ...found.map(({ tier }) => tier)) as Piece['tier']
  const sum = found.reduce((total, { score }) => total + score, 0) / Math.max(1, found.length)
  const begins = lowest === 2 && text.startsWith(words.join(' '))
  return {
    tier: begins ? 3 : lowest,
    // of two names that begin alike, the shorter is the likelier
    score: sum - (begins ? title.length / 10 : 0),
    at: [...new Set(found.flatMap(({ at }) => at))].toSorted((a, b) => a - b),
  }
}

function pieceOf(word: string, text: string, beside: string): Piece | undefined {
  const starts = startsOf(text)
  const start = starts.find((at) => text.startsWith(word, at))
  if (start !== undefined) return { tier: 2, score: start === 0 ? 100 : 80, at: run(start, word.length) }
  const inside = text.indexOf(word)
  if (inside !== -1) return { tier: 2, score: 60, at: run(inside, word.length) }
  if (beside.includes(word)) return { tier: 1, score: 40, at: [] }
  if (word.length < 2) return undefined
  const spread = starts.map((from) => lettersFrom(word, text, from)).find((at) => at !== undefined)
  return spread && { tier: 0, score: 20, at: spread }
}

/** The letters in their order from here, close together: each begins a word or is not far from the one before. */
function lettersFrom(word: string, text: string, from: number): number[] | undefined {
  const starts = new Set(startsOf(text))
  const at: number[] = []
  for (const letter of word) {
    const after = (at.at(-1) ?? from - 1) + 1
    const near = text.slice(after, at.length === 0 ? after + 1 : after + 4).indexOf(letter)
    const begun = [...starts].find((start) => start >= after && text[start] === letter)
    const next = near === -1 ? begun : after + near
    if (next === undefined) return undefined
    at.push(next)
  }
  return at
}

function startsOf(text: string): number[] {
  return [...text.matchAll(/[a-z0-9]+/g)].map(({ index }) => index)
}

function run(start: number, length: number): number[] {
  return Array.from({ length }, (_, index) => start + index)
}
