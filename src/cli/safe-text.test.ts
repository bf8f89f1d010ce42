import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { terminalTexts } from '../../testing/hostile/terminal-texts.ts'
import { createOutput } from './output.ts'
import { safeJson, safeText } from './safe-text.ts'

// oxlint-disable-next-line no-control-regex -- control characters are what must not be there
const acts = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
// oxlint-disable-next-line no-control-regex
const ownColours = /\u001b\[(?:[012]|3[1-3])m/g

test('no text of others does anything to a terminal, with colours and without', () => {
  for (const text of terminalTexts) {
    assert.doesNotMatch(safeText(text, false), acts, JSON.stringify(text))
    assert.doesNotMatch(safeText(text, true).replaceAll(ownColours, ''), acts, JSON.stringify(text))
  }
})

test('what is left of random sequences is plain text too', () => {
  const piece = fc.oneof(
    fc.constantFrom(...terminalTexts, '\u001b', '[', ']', '\\', ';', 'm', '\u0007', '\u009c', '1', 'word'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join('')
      assert.doesNotMatch(safeText(text, false), acts)
      assert.doesNotMatch(safeText(text, true).replaceAll(ownColours, ''), acts)
      assert.equal(safeText(safeText(text, true), true), safeText(text, true))
      assert.doesNotMatch(safeJson(text), acts)
      assert.deepEqual(JSON.parse(safeJson({ text })), { text })
    }),
    { numRuns: 3_000 },
  )
})

test('plain words, line breaks, tabs, our colours and every script stay as they are', () => {
  const text = 'a\tb\n日本 é 🎉 שלום \u001b[32mok\u001b[0m'

  assert.equal(safeText(text, true), text)
  assert.equal(safeText('one\r\ntwo', true), 'one\ntwo')
})

test('every way of printing goes through it: words, tables, ids, notes, problems, JSON', () => {
  const written: string[] = []
  const stream = { write: (text: string) => void written.push(text), isTTY: true }
  for (const json of [false, true])
    for (const quiet of [false, true])
      for (const color of [false, true]) {
        const out = createOutput({ json, quiet, color, width: 80, stdout: stream, stderr: stream })
        for (const text of terminalTexts) {
          const identity = (data: string) => data
          out.result(text, identity, identity)
          out.table(
            [text],
            [
              { title: 'a', cell: identity },
              { title: 'b', cell: identity },
            ],
            text,
          )
          out.line(text)
          out.note(text)
          out.problem(text)
        }
      }
  assert.ok(written.length > 1_000)
  for (const text of written) assert.doesNotMatch(text.replaceAll(ownColours, ''), acts, JSON.stringify(text))
})
