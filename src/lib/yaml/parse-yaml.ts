import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
} from 'yaml'
import { checkYamlShape } from './check-yaml-shape.ts'

/** The line of a value, from 1, and those of what is inside it. Data only, so that a thread can hand it over. */
export interface LineTree {
  readonly line: number
  readonly parts?: ReadonlyMap<string | number, LineTree>
}

export interface ParsedDocument {
  readonly value: unknown
  readonly lines: LineTree
  /** Whether one part stands for another: some readers may not follow those. */
  readonly hasAlias: boolean
}

/** All documents of a text, or why it is refused: the line where that can be told. */
export type ParsedYaml =
  | { readonly documents: readonly ParsedDocument[] }
  | { readonly refused: string; readonly line?: number }

/** Parses YAML 1.2 without merge keys, custom tags, costly shapes or keys that mean something to JavaScript. Never throws. */
export function parseYaml(text: string): ParsedYaml {
  const tooCostly = checkYamlShape(text)
  if (tooCostly) return { refused: tooCostly }
  const counter = new LineCounter()
  // uniqueKeys compares every key with every other: `linesOf` finds doubles in one pass
  const options = { lineCounter: counter, stringKeys: true, prettyErrors: false, uniqueKeys: false } as const
  const documents = parseAllDocuments(text, options)
  if ('empty' in documents) return { documents: [] }
  const parsed: ParsedDocument[] = []
  for (const document of documents) {
    const [error] = [...document.errors, ...document.warnings]
    if (error) return { refused: error.message, line: counter.linePos(error.pos[0]).line }
    const lines = documentLines(document, counter)
    if ('refused' in lines) return lines
    const value = valueOf(document)
    if ('refused' in value) return value
    parsed.push({ value: value.value, lines, hasAlias: hasAliasIn(document) })
  }
  return { documents: parsed }
}

function valueOf(document: Document.Parsed): { value: unknown } | { refused: string } {
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) as unknown }
  } catch {
    return { refused: 'its aliases cannot be resolved' }
  }
}

function hasAliasIn(document: Document.Parsed): boolean {
  let found = false
  visit(document, {
    Alias: () => {
      found = true
      return visit.BREAK
    },
  })
  return found
}

class Refused extends Error {
  readonly line: number
  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

function documentLines(document: Document.Parsed, counter: LineCounter): LineTree | { refused: string; line: number } {
  const first = lineAt(counter, document.contents) ?? counter.linePos(document.range[0]).line
  try {
    return linesOf(document.contents, { counter, line: first })
  } catch (error) {
    if (error instanceof Refused) return { refused: error.message, line: error.line }
    throw error
  }
}

interface Place {
  readonly counter: LineCounter
  /** Of what this stands in, for nodes without a place of their own. */
  readonly line: number
}

function linesOf(node: unknown, place: Place): LineTree {
  const line = lineAt(place.counter, node as Node | null) ?? place.line
  if (isMap(node)) return { line: place.line, parts: new Map(keysOf(node.items, { ...place, line })) }
  if (!isSeq(node) || isAlias(node)) return { line: place.line }
  return { line: place.line, parts: new Map(node.items.map((item, index) => [index, itemOf(item, place, line)])) }
}

function itemOf(item: unknown, place: Place, line: number): LineTree {
  return linesOf(item, { ...place, line: lineAt(place.counter, item as Node | null) ?? line })
}

function keysOf(pairs: readonly unknown[], place: Place): [string, LineTree][] {
  const seen = new Set<string>()
  return pairs.filter(isPair).map((pair) => {
    const name = isScalar(pair.key) ? String(pair.key.value) : ''
    const line = lineAt(place.counter, pair.key as Node | null) ?? place.line
    if (seen.has(name)) throw new Refused(`the key ${JSON.stringify(name.slice(0, 80))} occurs twice`, line)
    if (dangerous.has(name)) throw new Refused(`the key ${name} is not allowed`, line)
    seen.add(name)
    return [name, linesOf(pair.value, { ...place, line })]
  })
}

/** Copied from one object to another they would change what every object of the process is (T60). */
const dangerous = new Set(['__proto__', 'constructor', 'prototype'])

function lineAt(counter: LineCounter, node: Node | null): number | undefined {
  return node?.range ? counter.linePos(node.range[0]).line : undefined
}
