import ts from 'typescript'
import { type CheckedFile, lineOf, parse, type Violation } from './checkout.ts'

/** Services that ask for no right, and why that is right. */
const open: Readonly<Record<string, string>> = {
  signInOptions: 'shown before anybody is signed in',
  signIn: 'makes the session',
  signOut: 'ends the own session',
  switchPerson: 'embedded identity only: stands for signing in again with the same key',
  readMe: 'says what the own session may do',
}

/** Every service that a route calls asks can(), itself or through what it calls. */
export function serviceAccess(files: readonly CheckedFile[]): Violation[] {
  const calls = new Map<string, Set<string>>()
  for (const file of files.filter(({ path }) => /^src\/(services|workflows)\//.test(path) && !path.includes('.test.')))
    for (const [name, called] of functionsOf(file)) calls.set(name, new Set([...(calls.get(name) ?? []), ...called]))
  return files.filter(({ path }) => path.startsWith('src/api/routes/')).flatMap((file) => check(file, calls))
}

function check(file: CheckedFile, calls: ReadonlyMap<string, ReadonlySet<string>>): Violation[] {
  const source = parse(file)
  return source.statements.filter(ts.isImportDeclaration).flatMap((one) => {
    const from = (one.moduleSpecifier as ts.StringLiteral).text
    const names = one.importClause?.namedBindings
    if (!from.startsWith('#services/') || !names || !ts.isNamedImports(names)) return []
    if (one.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return []
    const asked = names.elements.filter((element) => !element.isTypeOnly).map(({ name }) => name.text)
    return asked
      .filter((name) => !(name in open) && !reaches(name, calls, new Set()))
      .map((name) => ({ path: file.path, line: lineOf(source, one), message: `${name} asks nobody: call authorise()` }))
  })
}

function reaches(name: string, calls: ReadonlyMap<string, ReadonlySet<string>>, seen: Set<string>): boolean {
  if (seen.has(name)) return false
  seen.add(name)
  return [...(calls.get(name) ?? [])].some(
    (called) => called === 'authorise' || called === 'approvalRefusal' || reaches(called, calls, seen),
  )
}

/** Top-level functions of a file with the names they call. */
function functionsOf(file: CheckedFile): [string, string[]][] {
  return parse(file).statements.flatMap((one): [string, string[]][] => {
    if (!ts.isFunctionDeclaration(one) || !one.name || !one.body) return []
    const called: string[] = []
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) called.push(node.expression.text)
      ts.forEachChild(node, visit)
    }
    visit(one.body)
    return [[one.name.text, called]]
  })
}
