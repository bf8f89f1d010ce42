import { posix } from 'node:path'
import ts from 'typescript'
import { type CheckedFile, lineOf, parse, type Violation } from './checkout.ts'

/** Which rooms of src/ a room may import besides itself. src/main, tests and tools may import everything. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  model: [],
  errors: [],
  lib: ['errors'],
  ports: ['model', 'errors'],
  store: ['model', 'errors', 'lib'],
  access: ['model', 'errors'],
  render: ['model', 'errors', 'lib'],
  workflows: ['model', 'errors', 'lib', 'ports', 'store', 'access', 'render'],
  services: ['model', 'errors', 'lib', 'ports', 'store', 'access', 'render', 'workflows'],
  adapters: ['model', 'errors', 'lib', 'ports'],
  agent: ['model', 'errors', 'lib', 'ports', 'render'],
  api: ['model', 'errors', 'services'],
  client: ['model', 'errors'],
  cli: ['model', 'errors', 'client', 'render'],
  config: ['model', 'errors'],
  portal: ['model', 'client'],
}

/** Packages that only some rooms may use, and rooms that may use only some packages. */
const packageHomes: readonly (readonly [name: RegExp, home: RegExp, why: string])[] = [
  [/^@dbos-inc\//, /^src\/workflows\/engine\//, 'DBOS stays behind src/workflows/engine'],
  [
    /^yaml$/,
    /^(src\/(lib\/yaml|render\/yaml|cli)|portal|test|testing|tools|bench)\//,
    'texts of teams are read by src/lib/yaml, which bounds what they cost',
  ],
]
const packagesOf: Readonly<Record<string, RegExp>> = { model: /^zod$/, errors: /^$/ }

/** Every import, also of types alone, goes to a room that the importing room may know. */
export function roomImports(files: readonly CheckedFile[]): Violation[] {
  const unknown = files.filter(({ path }) => path.startsWith('src/') && !(roomOf(path) in { ...rooms, main: [] }))
  const strangers = unknown.map(({ path }) => ({
    path,
    message: 'lies in a room that test/rules/room-imports.ts does not know',
  }))
  return strangers.concat(files.filter(({ path }) => !/\.(test|contract)\.tsx?$/.test(path)).flatMap(check))
}

function check(file: CheckedFile): Violation[] {
  const source = parse(file)
  return importsOf(source).flatMap(({ specifier, line }) => {
    const message = refusal(file.path, specifier)
    return message ? [{ path: file.path, line, message }] : []
  })
}

function refusal(path: string, specifier: string): string | undefined {
  const from = roomOf(path)
  const target = targetOf(path, specifier)
  if (target === undefined) return refusedPackage(path, from, specifier)
  const to = roomOf(target)
  const allowed = rooms[from]
  if (allowed === undefined) return undefined
  if (from === 'adapters' && to === 'adapters')
    return isSibling(path, target) ? `an adapter may not import ${specifier}` : undefined
  if (to === from || allowed.includes(to)) return undefined
  if (from === 'adapters' && to === 'store' && /^src\/adapters\/[^/]+\/local\//.test(path)) return undefined
  return `${from} may not import ${specifier} (${to}); it may import ${allowed.join(', ') || 'no other room'}`
}

function refusedPackage(path: string, from: string, specifier: string): string | undefined {
  const home = packageHomes.find(([name, place]) => name.test(specifier) && !place.test(path))
  if (home) return `may not import ${specifier}: ${home[2]}`
  const only = packagesOf[from]
  return only && !only.test(specifier) ? `${from} may not import ${specifier}` : undefined
}

// Files that lie directly in a port's folder are shared by its adapters.
function isSibling(path: string, target: string): boolean {
  const [, , port, ...rest] = target.split('/')
  const [, , ownPort, ...own] = path.split('/')
  if (port !== ownPort) return true
  return rest.length > 1 && (own.length < 2 || own[0] !== rest[0])
}

function targetOf(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier)
  return undefined
}

function roomOf(path: string): string {
  const [first = '', second = ''] = path.split('/')
  return first === 'src' ? second : first
}

function importsOf(source: ts.SourceFile): { specifier: string; line: number }[] {
  const found: { specifier: string; line: number }[] = []
  const visit = (node: ts.Node): void => {
    const named = ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier : undefined
    const called =
      ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments[0] : undefined
    const typed = ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined
    const specifier = named ?? called ?? typed
    if (specifier && ts.isStringLiteralLike(specifier))
      found.push({ specifier: specifier.text, line: lineOf(source, node) })
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
