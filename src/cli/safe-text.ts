// As text, because control characters are what these patterns are about.
const escape = '\u001b'
const sequences = [
  `(?:${escape}\\[|\u009b)[0-?]*[ -/]*[@-~]`, // CSI: colours, cursor movement, clearing
  `(?:${escape}[\\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|${escape}\\\\|\u009c)?`, // OSC and its kin: titles, links, clipboard, graphics
  `${escape}[ -/]*[0-~]`,
  '\r\n',
  '[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]',
]
const notPlain = new RegExp(sequences.join('|'), 'g')
/** The colours we print ourselves. Others could hide words: black on black, concealed, reversed. */
const ownColour = new RegExp(`^${escape}\\[(?:[012]|3[1-3])m$`)

/** Text of others must not move the reader's cursor, forge lines or links, hide words or turn their order: it stays plain text. */
export function safeText(text: string, color: boolean): string {
  return text.replace(notPlain, (found) => (found === '\r\n' ? '\n' : color && ownColour.test(found) ? found : ''))
}

/** JSON that says the same and holds no character that a terminal acts on; `JSON.stringify` leaves some. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
