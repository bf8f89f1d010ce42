import { stripVTControlCharacters } from 'node:util'
import type { ChildEnd } from '#lib/child.ts'

/** Keeps the last lines of a step's output, without terminal codes. */
export function tailKeeper(most = 30) {
  const lines: string[] = []
  return {
    add(text: string): void {
      const plain = stripVTControlCharacters(text).trimEnd()
      if (plain === '') return
      lines.push(plain)
      if (lines.length > most) lines.shift()
    },
    lines: (): readonly string[] => [...lines],
  }
}

/** Why a step failed, in words for a person: how it ended and the lines that tell most. */
export function reasonFor(step: string, end: ChildEnd & { limitSeconds: number }, tail: readonly string[]): string {
  const telling = tellingLines(tail)
  return `step \`${step}\` failed: ${howItEnded(end)}${telling.length > 0 ? `: ${telling.join(' / ').slice(0, 500)}` : ''}`
}

function howItEnded({ by, code, signal, limitSeconds }: ChildEnd & { limitSeconds: number }): string {
  if (by === 'timeout') return `it took longer than ${limitSeconds} s and was ended`
  if (by === 'output') return 'it wrote more output than allowed and was ended'
  if (by === 'abort') return 'it was cancelled'
  if (code === 127) return 'the program was not found'
  return code === null ? `it was ended by ${signal}` : `exit ${code}`
}

const tellsMuch =
  /\b(error|failed|failure|fatal|cannot|denied|expected|missing|not found|unexpected)\b|error TS\d+|^\s*✖|^not ok|Error:/i
const tellsNothing =
  /^\s*(at |npm error (A complete log|path|command|code|workspace|location)|#|ℹ|\^|[{}[\]();,]*$)|✖ failing tests/

// Stack frames and npm's closing words say least, the first lines that name an error say most.
function tellingLines(tail: readonly string[]): string[] {
  const worth = tail.filter((line) => !tellsNothing.test(line)).map((line) => line.trim())
  const telling = worth.filter((line) => tellsMuch.test(line))
  return telling.length > 0 ? telling.slice(0, 3) : worth.slice(-3)
}
