import fc from 'fast-check'
import { parseAllDocuments } from 'yaml'
import { codeOf } from '#errors/platform-error.ts'
import { renderTemplateHere } from '#render/template/render-template.ts'
import { readMarkdown } from '../../../testing/hostile/read-markdown.ts'
import { hostileText } from '../../../testing/hostile-text.ts'
import { fillPlaceholders } from '#render/score/placeholders.ts'
import { facts, smallPath } from './small-path.ts'

/** Every format that golden paths render, with the filter that docs/guide tells their authors to use, and its reader. */
const contexts: Readonly<Record<string, { template: string; read: (text: string) => unknown }>> = {
  'catalog-info.yaml': {
    template: 'a: ${{ values.text | dump }}\nb: 1\n',
    read: (text) => readYaml(text, '1.2', ['b', 1]),
  },
  'manifest.yaml': {
    template: 'a: ${{ values.text | dump }}\nb: 1\n',
    read: (text) => readYaml(text, '1.1', ['b', 1]),
  },
  '.fairway/pipeline.yaml': {
    template: 'steps:\n  - {run: ${{ values.text | dump }}, b: 1}\n',
    read: (text) => {
      const { steps } = readYaml(text, '1.2') as { steps: { run: unknown; b: unknown }[] }
      return steps.length === 1 && steps[0]?.b === 1 ? steps[0].run : 'another structure'
    },
  },
  'package.json': {
    template: '{"a": ${{ values.text | dump }}, "b": 1}\n',
    read: (text) => {
      const value = JSON.parse(text) as { a: unknown; b: unknown }
      return value.b === 1 && Object.keys(value).length === 2 ? value.a : 'another structure'
    },
  },
  'score.yaml': {
    template: 'a: ${{ values.text | score | dump }}\nb: 1\n',
    read: (text) => fillPlaceholders(String(readYaml(text, '1.2', ['b', 1])), () => 'a placeholder'),
  },
  'config.toml': {
    template: 'a = ${{ values.text | dump }}\nb = 1\n',
    read: (text) => {
      const [first = '', second] = text.trimEnd().split('\n')
      return second === 'b = 1' ? JSON.parse(first.slice('a = '.length)) : 'another structure'
    },
  },
  'src/name.ts': {
    template: 'export const name = ${{ values.text | dump }}\n',
    read: (text) => {
      const [line = '', rest] = text.split('\n')
      return rest === '' ? JSON.parse(line.slice('export const name = '.length)) : 'another structure'
    },
  },
}

/** Random texts that a second reader could take for code, given as an answer. `changed` counts those that were. */
export function proveSecondOrder({ seed, size }: { seed: number; size: number }) {
  const figures = { accepted: 0, answersRefused: 0, changed: 0, contexts: Object.keys(contexts).length + 1 }
  const skeleton = Object.fromEntries(Object.entries(contexts).map(([path, { template }]) => [path, template]))
  const files = smallPath({ ...skeleton, 'README.md': '${{ values.text | markdown }}\n' })
  for (const text of fc.sample(hostileText(), { seed, numRuns: size })) {
    const tree = rendered(files, text)
    if (!tree) figures.answersRefused += 1
    else {
      figures.accepted += 1
      figures.changed += Object.entries(contexts).filter(
        ([path, { read }]) => !isRead(() => read(tree.get(path) ?? ''), text),
      ).length
      if (!isRead(() => readMarkdown(tree.get('README.md') ?? ''), inMarkdown(text))) figures.changed += 1
    }
  }
  return figures
}

function rendered(files: ReadonlyMap<string, string>, text: string): Map<string, string> | undefined {
  try {
    const tree = renderTemplateHere({ files, answers: { text }, facts })
    return new Map(tree.map(({ path, content }) => [path, content]))
  } catch (error) {
    if (codeOf(error) === 'ANSWER_INVALID') return undefined
    throw error
  }
}

function isRead(read: () => unknown, text: string): boolean {
  try {
    return read() === text
  } catch {
    return false
  }
}

function readYaml(text: string, version: '1.1' | '1.2', other?: readonly [string, unknown]): unknown {
  const documents = parseAllDocuments(text, { version })
  const [document] = documents
  if (!document || documents.length !== 1 || document.errors.length > 0) throw new Error('not one document')
  const value = document.toJS() as Record<string, unknown>
  if (!other) return value
  if (Object.keys(value).length !== 2 || value[other[0]] !== other[1]) throw new Error('another structure')
  return value['a']
}

/** Markdown keeps words, not the blanks around them. */
function inMarkdown(text: string): string {
  return text.replaceAll(/[ \t\n]+/g, ' ').trim()
}
