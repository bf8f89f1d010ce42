// As text, because control characters are what these patterns are about.
const controls = '[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]'
const sequences = [
  '\u001b\\[[0-?]*[ -/]*[@-~]', // CSI: colours, cursor movement, clearing
  '\u001b[\\]PX^_][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\\\|\u009c)?', // OSC and its kin: titles, links, clipboard
  '\u001b[ -/]*[0-~]',
  '\r\n',
  controls,
]
const notPrintable = new RegExp(controls)
const sequence = new RegExp(sequences.join('|'), 'g')
const escape = '\u001b'
const colour = new RegExp(`^${escape}\\[[\\d;:]*m$`)
const lineBreak = /^(?:\r\n|[\n\r\v\f\u0085\u2028\u2029])$/

/**
 * One line that is safe to print: line breaks become ⏎, colours stay, every other control sequence goes. So no text
 * of a workload can look like a second line or move a reader's cursor.
 */
export function cleanLine(text: string): string {
  const formed = storable(text.trimEnd())
  if (!notPrintable.test(formed)) return formed
  return formed.replace(sequence, (found) => (colour.test(found) ? found : lineBreak.test(found) ? ' ⏎ ' : ''))
}

/** Cut between characters, with a mark, so that it takes at most `bytes` in UTF-8. */
export function cutText(text: string, bytes: number): string {
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text
  const head = Buffer.from(text.slice(0, bytes)).subarray(0, bytes - 3)
  return `${new TextDecoder().decode(head, { stream: true })}…`
}

/** PostgreSQL takes neither NUL nor half a surrogate pair. */
export function storable(text: string): string {
  const formed = text.isWellFormed() ? text : text.toWellFormed()
  return formed.includes('\u0000') ? formed.replaceAll('\u0000', '\ufffd') : formed
}
