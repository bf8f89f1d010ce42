import assert from 'node:assert/strict'
import { relative } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse, parseAllDocuments } from 'yaml'
import { examples, goldenCommit } from '../../../testing/golden-paths.ts'
import { answersThatDiffer, hostileText } from '../../../testing/hostile-text.ts'
import { checkAnswers } from './check-answers.ts'
import { parseTemplate } from './parse-template.ts'
import { lockPath, type RenderedTree, renderTemplateHere } from './render-template.ts'

const facts = { commit: goldenCommit }

for (const { folder, template, answers } of examples()) {
  const path = relative(process.cwd(), folder)

  test(`${path}: an accepted answer stays one text in every YAML, JSON and TOML file, and changes no structure`, () => {
    const parsed = parseTemplate(template)
    const free = [...parsed.questions].filter(([, { question }]) => question.type === 'string' && !question.enum)
    const plain = readAll(renderTemplateHere({ files: template, answers, facts }))
    fc.assert(
      fc.property(fc.constantFrom(...free.map(([name]) => name)), hostileText(), (name, text) => {
        const given = { ...answers, [name]: text }
        if (checkAnswers(parsed, given).errors.length > 0 || text === '') return

        const rendered = readAll(renderTemplateHere({ files: template, answers: given, facts }))

        const lock = rendered.get(lockPath) as { answers: Record<string, unknown> }[]
        assert.equal(lock[0]?.answers[name], text)
        const before = String(answers[name] ?? parsed.questions.get(name)?.question.default ?? '')
        assert.deepEqual(answersThatDiffer(plain, rendered, { before, after: text }), [])
      }),
      { numRuns: 400 },
    )
  })
}

/** Every structured file of a tree as data, keyed by path; a file that does not parse throws. */
function readAll(tree: RenderedTree): Map<string, unknown> {
  return new Map(
    tree.flatMap(({ path, content }): [string, unknown][] => {
      if (path.endsWith('.json')) return [[path, JSON.parse(content)]]
      if (/\.ya?ml$/.test(path)) return [[path, readYaml(content)]]
      if (path.endsWith('.toml'))
        return [
          [
            path,
            content
              .trim()
              .split('\n')
              .map((line) => JSON.parse(line.slice(line.indexOf('=') + 1))),
          ],
        ]
      return []
    }),
  )
}

function readYaml(content: string): unknown {
  const documents = parseAllDocuments(content)
  assert.ok(
    documents.every(({ errors }) => errors.length === 0),
    content,
  )
  const asKubernetesReadsIt = parseAllDocuments(content, { version: '1.1' }).map(
    (document) => document.toJS() as unknown,
  )
  const values = documents.map((document) => document.toJS() as unknown)
  assert.deepEqual(asKubernetesReadsIt, values)
  assert.deepEqual(values.length === 1 ? parse(content) : values[0], values[0])
  return values
}
