import { posix } from 'node:path'
import ts from 'typescript'
import { type CheckedFile, lineOf, parse, type Violation } from './checkout.ts'

const start = 'src/main/cli.ts'
/** openapi-fetch is small; what reads schemas, YAML or terminals is loaded when it is needed. */
const allowed = { help: ['commander'], command: ['commander', 'openapi-fetch'] }
/** Modules of our own that help may load; about 1 ms each. Measured with `npm run bench -- cli`. */
const most = 25

/**
 * `fairway --help` answers before 100 ms only if it loads little: commander, no other package, few modules of our own.
 * Help of one command may load the client too.
 */
export function quickStart(files: readonly CheckedFile[]): Violation[] {
  const known = new Map(files.map((file) => [file.path, file]))
  const { loaded, violations } = loadedBy(start, known, allowed.help)
  const commands = files.filter(({ path }) => /^src\/cli\/commands\/[^/]+(?<!\.test)\.ts$/.test(path))
  const ofCommands = commands.flatMap(({ path }) => loadedBy(path, known, allowed.command).violations)
  const many = { path: start, message: `loads ${loaded} modules for \`fairway --help\`; at most ${most}` }
  return [...violations, ...ofCommands, ...(loaded > most ? [many] : [])]
}

function loadedBy(
  from: string,
  known: ReadonlyMap<string, CheckedFile>,
  packages: readonly string[],
): { loaded: number; violations: Violation[] } {
  const violations: Violation[] = []
  const seen = new Set<string>()
  const visit = (path: string): void => {
    const file = known.get(path)
    if (seen.has(path) || !file) return
    seen.add(path)
    for (const { specifier, line } of loadsOf(file)) {
      if (specifier.startsWith('#')) visit(`src/${specifier.slice(1)}`)
      else if (specifier.startsWith('.')) visit(posix.join(posix.dirname(path), specifier))
      else if (!specifier.startsWith('node:') && !packages.includes(specifier))
        violations.push({
          path,
          line,
          message: `loads ${specifier} for the help of ${from}: import it where it is used`,
        })
    }
  }
  visit(from)
  return { loaded: seen.size, violations }
}

/** What is loaded with the module: no `import type` (`import { type A }` does load), nothing that is imported later. */
function loadsOf(file: CheckedFile): { specifier: string; line: number }[] {
  const source = parse(file)
  return source.statements.flatMap((node) => {
    if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return []
    const isType = ts.isImportDeclaration(node)
      ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : node.isTypeOnly
    const { moduleSpecifier: from } = node
    return isType || !from || !ts.isStringLiteral(from) ? [] : [{ specifier: from.text, line: lineOf(source, node) }]
  })
}
