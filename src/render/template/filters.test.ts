import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hostileText } from '../../../testing/hostile-text.ts'
import { fillPlaceholders } from '../score/placeholders.ts'
import { templateFilters } from './filters.ts'

test('markdown leaves no mark that could begin a link, a tag, a heading, a list or code', () => {
  const texts: Readonly<Record<string, string>> = {
    '[x](javascript:y)': '\\[x\\](javascript:y)',
    '<script>&amp;': '\\<script\\>\\&amp;',
    '# a': '\\# a',
    '- a': '\\- a',
    '1. a\n2) b': '1\\. a\n2\\) b',
    '    code': '&#32;&#32;&#32;&#32;code',
    'a\n===': 'a\n\\===',
    '`$(x)` *b* _c_ ~~d~~ |e|': '\\`\\$(x)\\` \\*b\\* \\_c\\_ \\~\\~d\\~\\~ \\|e\\|',
    'plain, text: 3.5 - 2 = 1.5': 'plain, text: 3.5 - 2 = 1.5',
  }
  for (const [text, escaped] of Object.entries(texts)) assert.equal(templateFilters['markdown']?.(text), escaped)
})

test('what score writes, Score reads back as the same text', () => {
  fc.assert(
    fc.property(hostileText(), (text) => {
      const written = String(templateFilters['score']?.(text) as string)
      assert.equal(
        fillPlaceholders(written, () => assert.fail('a placeholder')),
        text,
      )
    }),
  )
})
