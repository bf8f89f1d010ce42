import ts from 'typescript'
import { type CheckedFile, lineOf, parse, type Violation } from './checkout.ts'

/** No file above 400 lines, no function above 80; a page component may have 120. */
export function fileLength(files: readonly CheckedFile[]): Violation[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n').length
    return lines > 400 ? [{ path, message: `has ${lines} lines; split it (400 is the limit)` }] : []
  })
}

export function functionLength(files: readonly CheckedFile[]): Violation[] {
  return files.flatMap((file) => {
    const source = parse(file)
    const isTest = /\.(test|contract)\.tsx?$/.test(file.path)
    return functionsIn(source).flatMap((node) => {
      // A block of tests is a list, not a function; its parts are measured on their own.
      const lines = isTest ? ownLines(source, node) : linesOf(source, node)
      const limit = isPage(file.path, node) ? 120 : 80
      const message = `${nameOf(node)} has ${lines} lines; split it (${limit} is the limit)`
      return lines > limit ? [{ path: file.path, line: lineOf(source, node), message }] : []
    })
  })
}

function functionsIn(root: ts.Node): ts.FunctionLikeDeclaration[] {
  const found: ts.FunctionLikeDeclaration[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) found.push(node as ts.FunctionLikeDeclaration)
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(root, visit)
  return found
}

function linesOf(source: ts.SourceFile, node: ts.Node): number {
  const line = (at: number) => source.getLineAndCharacterOfPosition(at).line
  return line(node.getEnd()) - line(node.getStart(source)) + 1
}

function ownLines(source: ts.SourceFile, node: ts.FunctionLikeDeclaration): number {
  const inner = functionsIn(node)
  const outermost = inner.filter(
    (one) => !inner.some((other) => other !== one && other.pos <= one.pos && one.end <= other.end),
  )
  return linesOf(source, node) - outermost.reduce((sum, one) => sum + linesOf(source, one) - 1, 0)
}

function isPage(path: string, node: ts.FunctionLikeDeclaration): boolean {
  return path.startsWith('portal/') && path.endsWith('.tsx') && /^[A-Z]/.test(nameOf(node))
}

function nameOf(node: ts.FunctionLikeDeclaration): string {
  const name = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined)
  return name?.getText() ?? 'a function'
}
