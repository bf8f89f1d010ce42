import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { createOutput } from './output.ts'

const columns = [
  { title: 'NAME', cell: ({ name }: Row) => name },
  { title: 'TITLE', cell: ({ title }: Row) => title },
  { title: 'STATE', cell: () => '\u001b[32mhealthy\u001b[0m' },
]

interface Row {
  readonly name: string
  readonly title: string
}

test('a table is as wide as the terminal at most: the widest column is shortened, the name of the row never', () => {
  const told = table([{ name: 'a-name-that-is-quite-long', title: 'x'.repeat(200) }], { isTTY: true, width: 60 })

  for (const line of told.trimEnd().split('\n')) assert.ok(stripVTControlCharacters(line).length <= 60, line)
  assert.match(stripVTControlCharacters(told), /^NAME +TITLE +STATE\n/)
  assert.ok(told.endsWith('  \u001b[32mhealthy\u001b[0m\n'), told)
  assert.match(told, /\na-name-that-is-quite-long {2}x+… {2}/)
})

test('every row is one line, whatever a cell holds, and fits where there is room for the narrowest columns', () => {
  const text = fc.string({ unit: 'grapheme-ascii', maxLength: 120 })
  const rows = fc.array(fc.record({ name: text.map((name) => name.slice(0, 20)), title: text }), { minLength: 1 })
  fc.assert(
    fc.property(rows, fc.integer({ min: 50, max: 200 }), (some, width) => {
      const lines = table(some, { isTTY: true, width }).trimEnd().split('\n')
      assert.equal(lines.length, some.length + 1)
      for (const line of lines) assert.ok(stripVTControlCharacters(line).length <= width, line)
    }),
  )
})

test('a pipe gets everything', () => {
  const title = 'x'.repeat(200)
  assert.equal(table([{ name: 'shop', title }], { isTTY: false, width: 60 }), `shop\t${title}\thealthy\n`)
})

function table(rows: readonly Row[], { isTTY, width }: { isTTY: boolean; width: number }): string {
  let told = ''
  const stdout = { isTTY, write: (text: string) => (told += text) }
  const out = createOutput({ json: false, quiet: false, color: isTTY, width, stdout, stderr: { write: () => true } })
  out.table(rows, columns, 'nothing')
  return told
}
