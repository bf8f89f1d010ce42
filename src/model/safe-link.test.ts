import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linkPayloads } from '../../testing/hostile/link-payloads.ts'
import { isSafeLink } from './safe-link.ts'

test(`none of ${linkPayloads.length} addresses that run or open something becomes a link`, () => {
  const links = linkPayloads.filter(isSafeLink)

  assert.ok(linkPayloads.length >= 80)
  for (const link of links) assert.match(new URL(link).protocol, /^(https?|mailto):$/)
  assert.deepEqual(
    links.filter((link) => !/^https?:\/\/evil\.example/.test(link)),
    [],
  )
})

test('addresses of the web and of people do', () => {
  for (const link of [
    'https://example.org/a?b=c#d',
    'http://localhost:7007/x',
    'mailto:team@example.org',
    'HTTPS://EXAMPLE.org',
  ])
    assert.ok(isSafeLink(link), link)
})
