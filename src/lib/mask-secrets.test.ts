import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maskText, secretMask } from './mask-secrets.ts'

const value = 'p"ä/ss wörd+\\1'
const mask = secretMask([value])
const base64 = (text: string) => Buffer.from(text).toString('base64')
const forms: Record<string, string> = {
  raw: value,
  'JSON-escaped': JSON.stringify({ a: value }),
  'JSON in JSON': JSON.stringify(JSON.stringify({ a: value })),
  'URL-encoded': encodeURIComponent(value),
  'URL-encoded in small letters': encodeURIComponent(value).replaceAll(/%../g, (code) => code.toLowerCase()),
  'a form': new URLSearchParams({ a: value }).toString(),
  hex: Buffer.from(value).toString('hex'),
  base64: base64(value),
  'base64 of a longer text': base64(`user:${value}@host`),
  'base64 of a longer text, one further': base64(`xuser:${value}@host`),
  'base64 of a longer text, two further': base64(`xxuser:${value}@host`),
  base64url: Buffer.from(value).toString('base64url'),
}

for (const [form, text] of Object.entries(forms))
  test(`a value is masked as ${form}, and the text keeps its length`, () => {
    const masked = maskText(`before ${text} after`, mask)

    assert.match(masked, /^before .*\*{8,}.* after$/)
    assert.equal(Buffer.byteLength(masked), Buffer.byteLength(`before ${text} after`))
    const left = masked.replaceAll('*', '')
    assert.ok(left.length < 7 + 6 + 24, left)
  })

test('a text without the value stays as it is', () => {
  assert.equal(maskText('nothing to see, ****** included', mask), 'nothing to see, ****** included')
})

test('a key of many lines is masked line by line, its first and last line stay', () => {
  const key = [
    '-----BEGIN KEY-----',
    'MIIBVwIBADANBgkqhkiG9w0BAQ',
    'EFAASCAT8wggE7AgEAAkEAq7BF',
    '-----END KEY-----',
  ].join('\n')
  const masked = maskText(key.replaceAll('\n', ' | '), secretMask([key]))

  assert.equal(masked, `-----BEGIN KEY----- | ${'*'.repeat(26)} | ${'*'.repeat(26)} | -----END KEY-----`)
})

test('values that could be ordinary words are not masked', () => {
  assert.equal(secretMask(['', 'a', 'dev', '12345']), undefined)
})
