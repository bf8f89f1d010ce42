import { Lexer } from 'yaml'

/** A file of 1 MiB that is mostly text is fine; one of 250,000 words and signs of YAML is no description of a service. */
export const yamlLimits = { bytes: 1024 * 1024, aliases: 100, depth: 64, tokens: 250_000 } as const

/** Why a text is too costly to parse as YAML (T12), found by one linear pass over its tokens; undefined when it is fine. */
export function checkYamlShape(text: string): string | undefined {
  if (Buffer.byteLength(text) > yamlLimits.bytes) return 'the file is larger than 1 MiB'
  const nesting = newNesting()
  let aliases = 0
  let tokens = 0
  for (const token of new Lexer().lex(text)) {
    tokens += 1
    if (token.startsWith('*')) aliases += 1
    if (tokens > yamlLimits.tokens)
      return `the file has more than ${yamlLimits.tokens.toLocaleString('en')} words and signs`
    if (aliases > yamlLimits.aliases) return `the file has more than ${yamlLimits.aliases} aliases`
    nesting.read(token)
    if (nesting.depth() > yamlLimits.depth) return `the file is nested deeper than ${yamlLimits.depth} levels`
  }
  return undefined
}

// What the lexer says besides source text: begin of document, end of a broken flow, begin of a scalar, byte order mark.
const lexerMarks = ['\x02', '\x18', '\x1f', '\uFEFF']

/** Block nesting is counted by the columns where a line or a compact indicator begins, flow nesting by brackets. */
function newNesting() {
  const columns: number[] = []
  let column = 0
  let flow = 0
  let opensLevel = true
  return {
    depth: () => columns.length + flow,
    read(token: string): void {
      const isLineEnd = token === '\n' || token === '\r\n'
      const isMark = lexerMarks.includes(token)
      if (!isLineEnd && !isMark && !/^[ \t]+$/.test(token)) {
        if (flow === 0 && (opensLevel || token === '-' || token === '?')) enter(columns, column)
        if (token === '[' || token === '{') flow += 1
        if (token === ']' || token === '}') flow -= 1
        opensLevel = token === '-' || token === '?'
      }
      if (isLineEnd) opensLevel = true
      const lastLineEnd = token.lastIndexOf('\n')
      column = lastLineEnd < 0 ? column + (isMark ? 0 : token.length) : token.length - lastLineEnd - 1
    },
  }
}

function enter(columns: number[], column: number): void {
  while ((columns.at(-1) ?? -1) > column) columns.pop()
  if ((columns.at(-1) ?? -1) < column) columns.push(column)
}
