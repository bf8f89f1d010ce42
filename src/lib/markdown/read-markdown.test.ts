import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ParsedMarkdown } from './parse-markdown.ts'
import { readMarkdown } from './read-markdown.ts'
import { rewriteAddresses } from './rewrite-addresses.ts'

async function read(text: string): Promise<ParsedMarkdown> {
  const outcome = await readMarkdown(text)
  assert.ok(!('refused' in outcome), JSON.stringify(outcome))
  return outcome
}

test('a page is its title, its headings with anchors, its elements and its words', async () => {
  const page = await read('# Shop\n\nSells **things**.\n\n## Run it\n\n```sh\nnpm start\n```\n\n| a |\n|---|\n| 1 |\n')

  assert.equal(page.title, 'Shop')
  assert.deepEqual(page.headings, [
    { depth: 1, text: 'Shop', id: 'shop' },
    { depth: 2, text: 'Run it', id: 'run-it' },
  ])
  assert.match(page.text, /Sells things\./)
  assert.match(page.text, /npm start/)
  assert.deepEqual(tagsOf(page), [
    'h1',
    'p',
    'strong',
    'h2',
    'pre',
    'code',
    'table',
    'thead',
    'tr',
    'th',
    'tbody',
    'td',
  ])
})

for (const [name, text] of Object.entries({
  'a script': '<script>alert(1)</script>',
  'an element with a handler': '<img src=x onerror=alert(1)>',
  'HTML inside a line': 'a <iframe src="https://example.com"></iframe> b',
  'a link that runs': '[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](&#106;avascript:alert(1))',
  'a link with a program': '[a](vscode://file/etc/passwd) [b](data:text/html,x) [c](file:///etc/passwd)',
  'a style': '<div style="position:fixed">x</div>\n\n<style>*{}</style>',
  'a form': '<form action="https://example.com"><input name="password"></form>',
}))
  test(`${name} in a page is no more than words`, async () => {
    const { tree } = await read(text)

    const shown = JSON.stringify(rewriteAddresses(tree, (href) => href))
    assert.doesNotMatch(shown, /"tagName":"(script|iframe|style|form|input|img|svg|object)"/)
    assert.doesNotMatch(shown, /"(on\w+|style|srcDoc)":|javascript:|vscode:|data:text|file:/i)
  })

for (const [name, text] of Object.entries({
  'a long page': 'a\n\n'.repeat(100_000),
  'a deep page': `${'> '.repeat(2_000)}x`,
  'a page that takes long to read': '> '.repeat(60_000),
}))
  test(`${name} is refused with the reason, and the next page is read`, async () => {
    const outcome = await readMarkdown(text)

    assert.ok('refused' in outcome)
    assert.match(outcome.refused, /more than|deeper than|longer than|more memory/)
    assert.equal((await read('# Next')).title, 'Next')
  })

test('a link keeps the address that it is given or becomes its words, a picture its description', async () => {
  const { tree } = await read('[a](./a.md) [b](./b.txt) ![the plan](https://example.com/p.png)')

  const shown = rewriteAddresses(tree, (href) => (href === './a.md' ? '/docs/a.md' : undefined))

  assert.deepEqual(tagsOf({ tree: shown }), ['p', 'a'])
  assert.match(JSON.stringify(shown), /"href":"\/docs\/a\.md"/)
  assert.match(JSON.stringify(shown), /the plan/)
})

function tagsOf({ tree }: Pick<ParsedMarkdown, 'tree'>): string[] {
  const found = [...JSON.stringify(tree).matchAll(/"tagName":"(\w+)"/g)].map(([, tag]) => tag ?? '')
  return [...new Set(found)]
}
