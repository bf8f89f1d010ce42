import assert from 'node:assert/strict'
import { relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { examples, goldenCommit, readTemplate, renderExample } from '../../../testing/golden-paths.ts'
import { escapeExpressions, escapeStatements, hostData } from '../../../testing/hostile/template-escapes.ts'
import { readFolder } from '../../../testing/read-folder.ts'
import { runRenderChild } from './run-render-child.ts'
import { renderTemplate, renderTemplateHere } from './render-template.ts'

const greeter = readTemplate(fileURLToPath(new URL('fixtures/greeter', import.meta.url)))
const facts = { commit: goldenCommit }
const answers = { name: 'hello', owner: 'team-a' }

/** A golden path of one skeleton, its questions name and description. */
function goldenPath(skeleton: Readonly<Record<string, string>>, input = ''): ReadonlyMap<string, string> {
  const template = `apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: small, title: Small}
spec:
  owner: platform
  type: service
  parameters:
    - {required: [name], properties: {name: {type: string}, description: {type: string}}}
  steps:
    - id: skeleton
      name: Skeleton
      action: fetch:template
      input:
        url: ./skeleton
        values: {name: "\${{ parameters.name }}", description: "\${{ parameters.description }}"}
        ${input}
`
  const files = Object.entries(skeleton).map(([path, text]) => [`skeleton/${path}`, text] as const)
  return new Map([['template.yaml', template], ...files])
}

for (const example of examples()) {
  test(`${relative(process.cwd(), example.folder)} renders to its golden output`, () => {
    const rendered = renderExample(example)

    const golden = [...readFolder(example.folder)].filter(([path]) => /^(expected|manifests)\//.test(path))
    assert.deepEqual(
      [...rendered].toSorted(byPath),
      golden.toSorted(byPath),
      'node tools/generate/golden.ts rewrites it; read the diff',
    )
  })
}

test('the guarded process renders the same bytes as this one, every time', async () => {
  const here = renderTemplateHere({ files: greeter, answers, facts })

  const [first, second] = await Promise.all([
    renderTemplate({ files: greeter, answers, facts }),
    renderTemplate({ files: new Map([...greeter].reverse()), answers, facts }),
  ])

  assert.deepEqual(first, here)
  assert.deepEqual(second, here)
})

test('files come sorted; scripts are executable; names and conditions are rendered', () => {
  const quiet = renderTemplateHere({ files: greeter, answers, facts })
  const loud = renderTemplateHere({ files: greeter, answers: { ...answers, loud: true }, facts })

  const paths = loud.map(({ path }) => path)
  assert.deepEqual(paths, paths.toSorted())
  assert.deepEqual(
    paths.filter((path) => !quiet.some((file) => file.path === path)),
    ['loud/README.md', 'shout.txt'],
  )
  assert.deepEqual(
    loud.filter(({ mode }) => mode === '100755').map(({ path }) => path),
    ['start.sh'],
  )
})

test('what copyWithoutTemplating names keeps its expressions', () => {
  const tree = renderTemplateHere({ files: greeter, answers, facts })

  const workflow = tree.find(({ path }) => path === '.github/workflows/ci.yml')
  assert.match(workflow?.content ?? '', /\$\{\{ github\.sha \}\}/)
})

test('templateFileExtension renders those files only and takes the ending away', () => {
  const files = goldenPath(
    { 'a.txt.njk': '${{ values.name }}', 'b.txt': '${{ values.name }}' },
    'templateFileExtension: true',
  )

  const tree = renderTemplateHere({ files, answers: { name: 'x' }, facts })

  assert.equal(tree.find(({ path }) => path === 'a.txt')?.content, 'x')
  assert.equal(tree.find(({ path }) => path === 'b.txt')?.content, '${{ values.name }}')
})

const escapes = [...escapeExpressions.map((text) => `\${{ ${text} }}`), ...escapeStatements]

test(`none of ${escapes.length} ways out of the template language reaches the host`, async () => {
  process.env['FAIRWAY_CANARY'] = 'host-secret-7'
  for (const [index, payload] of escapes.entries()) {
    for (const files of [goldenPath({ 'out.txt': payload }), goldenPath({ [`${payload}.txt`]: 'x' })]) {
      const guarded = index < 3 // the process of its own is slow to start; the language is the same
      const text = guarded
        ? await outcomeOf(() => renderTemplate({ files, answers: { name: 'x' }, facts }))
        : await outcomeOf(() => renderTemplateHere({ files, answers: { name: 'x' }, facts }))
      assert.doesNotMatch(text, hostData, payload)
    }
  }
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
})

async function outcomeOf(render: () => unknown): Promise<string> {
  try {
    return JSON.stringify(await render())
  } catch (error) {
    assert.match(String((error as { code?: string }).code), /^(TEMPLATE_INVALID|TEMPLATE_LIMIT)$/, String(error))
    return ''
  }
}

const bombs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'nested loops': { a: '{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}' },
  'doubling text': { a: `{% set x = "xxxxxxxxxx" %}${'{% set x = x + x %}'.repeat(40)}\${{ x }}` },
  'one text of 320 MB': {
    a: `{% set x = "xxxxxxxxxx" %}${'{% set x = x + x %}'.repeat(25)}\${{ x | upper | length }}`,
  },
  'wide loops': { a: '{% for i in range(2000000) %}${{ "y".repeat(100) }}{% endfor %}' },
  'recursive macro': { a: '{% macro m() %}${{ m() }}{% endmacro %}${{ m() }}' },
  'many files': Object.fromEntries(Array.from({ length: 2_100 }, (_, index) => [`f${index}`, 'x'])),
  'big files': Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`f${index}`, 'x'.repeat(1_000_000)])),
}

for (const [name, skeleton] of Object.entries(bombs)) {
  test(`a bomb of ${name} ends as TEMPLATE_LIMIT`, async () => {
    const start = performance.now()

    const rendering = renderTemplate({ files: goldenPath(skeleton), answers: { name: 'x' }, facts })

    await assert.rejects(rendering, { code: 'TEMPLATE_LIMIT' })
    assert.ok(performance.now() - start < 7_000)
  })
}

test('work that stays below every single limit is killed after five seconds in all', async () => {
  const slow = '{% for i in range(1000) %}{% for j in range(600) %}{% endfor %}{% endfor %}'
  const skeleton = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, slow]))

  const rendering = renderTemplate({ files: goldenPath(skeleton), answers: { name: 'x' }, facts })

  await assert.rejects(rendering, { code: 'TEMPLATE_LIMIT', message: /longer than 5 s/ })
})

test('a job that needs more memory than allowed is killed', async () => {
  // one string larger than the whole heap, and time enough to take it in on a busy machine
  const files = [['skeleton/a', 'x'.repeat(300_000_000)]] as const

  const running = runRenderChild({ files, fetches: [], answers: {} }, { ms: 60_000 })

  await assert.rejects(running, { code: 'TEMPLATE_LIMIT', message: /256 MB/ })
})

test('a caller that goes away stops the rendering', async () => {
  const stop = new AbortController()
  const rendering = renderTemplate({ files: greeter, answers, facts, signal: stop.signal })
  stop.abort(new Error('gone'))

  await assert.rejects(rendering, /gone/)
})

for (const name of ['../x', 'a/../../x', '.git/config', 'a\\b', 'C:x', 'x/.', '%2e%2e/x']) {
  test(`an answer ${name} as a file name is refused`, () => {
    const files = goldenPath({ 'dir/${{ values.name }}': 'x', 'README.md': 'x' })

    assert.throws(() => renderTemplateHere({ files, answers: { name }, facts }), { code: 'TEMPLATE_INVALID' })
  })
}

test('a file name that renders with an empty part leaves the file out, as in Backstage', () => {
  const files = goldenPath({ 'dir/${{ values.name }}': 'x', 'README.md': 'x' })

  const tree = renderTemplateHere({ files, answers: { name: '/etc/x' }, facts })

  assert.deepEqual(
    tree.map(({ path }) => path),
    ['.fairway/lock.yaml', 'README.md'],
  )
})

test('a file name that an answer makes equal to another is refused', () => {
  const files = goldenPath({ '${{ values.name }}': 'x', 'README.md': 'y' })

  assert.throws(() => renderTemplateHere({ files, answers: { name: 'readme.MD' }, facts }), {
    code: 'TEMPLATE_INVALID',
  })
})

test('a skeleton cannot bring its own lock file', () => {
  const files = goldenPath({ '.fairway/lock.yaml': 'x' })

  assert.throws(() => renderTemplateHere({ files, answers: { name: 'x' }, facts }), { code: 'TEMPLATE_INVALID' })
})

test('a mistake in a skeleton names the file and the line', () => {
  const files = goldenPath({ 'src/a.txt': 'fine\n${{ values. }}\n' })

  assert.throws(() => renderTemplateHere({ files, answers: { name: 'x' }, facts }), {
    code: 'TEMPLATE_INVALID',
    message: /^skeleton\/src\/a\.txt: .*line 2/,
  })
})

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a.localeCompare(b)
}
