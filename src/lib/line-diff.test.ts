import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineDiff } from './line-diff.ts'

test('only what differs is told, old before new, whatever stays between', () => {
  assert.deepEqual(lineDiff('a\nb\nc\nd\n', 'a\nB\nc\nD\n', 10), ['- b', '+ B', '- d', '+ D'])
  assert.deepEqual(lineDiff('same\n', 'same\n', 10), [])
  assert.deepEqual(lineDiff('', 'new\n', 10), ['+ new'])
})

test('a long difference is cut off and says by how much', () => {
  const lines = lineDiff('', Array.from({ length: 30 }, (_, line) => `${line}`).join('\n'), 3)

  assert.equal(lines.length, 4)
  assert.match(lines.at(-1) ?? '', /more lines$/)
})

test('two large texts are told whole rather than compared for minutes', () => {
  const text = (mark: string) => Array.from({ length: 2_000 }, (_, line) => `${mark} ${line}`).join('\n')

  assert.equal(lineDiff(text('a'), text('b'), 10_000).length, 4_000)
})
