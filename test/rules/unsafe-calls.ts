import ts from 'typescript'
import { type CheckedFile, lineOf, parse, type Violation } from './checkout.ts'

interface Ban {
  readonly matches: (node: ts.Node) => boolean
  readonly message: string
  /** Where it is right. */
  readonly home?: RegExp
}

const bans: readonly Ban[] = [
  {
    // It follows `a/b/escape -> c/up/../..` by the text and says "inside", where the kernel goes outside (T08).
    matches: (node) =>
      ts.isCallExpression(node) && /(^|\.)realpathSync$/.test(node.expression.getText().replace(/\s/g, '')),
    message: 'realpathSync judges a link by its text; use realpathSync.native or realpath of node:fs/promises',
  },
  {
    matches: (node) =>
      ts.isCallExpression(node) &&
      /^sql\.(raw|lit)$/.test(node.expression.getText()) && // ref and table quote what they are given
      !node.arguments.every((argument) => isFixedText(argument) || isOwnPattern(argument)),
    message: 'what this puts into SQL must stand here as text; everything else is a parameter',
    home: /^src\/store\/migrations\//,
  },
  {
    matches: (node) =>
      ts.isCallExpression(node) &&
      /\.(query|executeQuery)$/.test(node.expression.getText()) &&
      node.arguments[0] !== undefined &&
      (ts.isTemplateExpression(node.arguments[0]) || isJoinedText(node.arguments[0])),
    message: 'SQL is not put together from texts; use parameters',
    home: /^src\/(store\/(embedded|embedded-postgres|migrat)|services\/live-events)/, // names of roles, databases, a channel
  },
  {
    matches: (node) =>
      (ts.isCallExpression(node) && /^(eval|execSync|(globalThis|window)\.eval)$/.test(node.expression.getText())) ||
      (ts.isNewExpression(node) && node.expression.getText() === 'Function') ||
      (ts.isCallExpression(node) && node.expression.getText() === 'Function'),
    message: 'runs text as code',
  },
  {
    matches: (node) =>
      ts.isPropertyAssignment(node) &&
      node.name.getText() === 'shell' &&
      node.initializer.getText() !== 'false' &&
      !ts.isArrayLiteralExpression(node.initializer), // no such option takes a list
    message: 'starts a shell; programs get an argument list',
  },
  {
    matches: (node) =>
      (ts.isJsxAttribute(node) && node.name.getText() === 'dangerouslySetInnerHTML') ||
      (ts.isPropertyAccessExpression(node) && /^(innerHTML|outerHTML|insertAdjacentHTML)$/.test(node.name.text)) ||
      (ts.isCallExpression(node) && node.expression.getText() === 'document.write'),
    message: 'writes HTML from text; give React the words',
  },
  {
    matches: (node) =>
      ts.isJsxAttribute(node) &&
      /^(href|src|formAction|xlinkHref)$/.test(node.name.getText()) &&
      (node.parent.parent as ts.JsxOpeningLikeElement).tagName.getText() !== 'WebLink' &&
      node.initializer !== undefined &&
      ts.isJsxExpression(node.initializer),
    message: 'puts an address into the page unseen; use WebLink, which leaves out those that run',
    home: /^portal\/ui\/(WebLink|DownloadLink)\.tsx$/,
  },
  {
    matches: (node) =>
      ts.isNewExpression(node) &&
      node.expression.getText() === 'RegExp' &&
      node.arguments?.[0] !== undefined &&
      !isFixedText(node.arguments[0]) &&
      !isOwnPattern(node.arguments[0]),
    home: /^src\/render\/score\/service\.ts$/, // from the operator's own address, escaped
    message:
      'compiles a pattern that does not stand in this file; one of a person can hold the thread up for ever (T59)',
  },
]

/** Calls that are safe only with text of ours, wherever text of others comes by. */
export function unsafeCalls(files: readonly CheckedFile[]): Violation[] {
  return files
    .filter(({ path }) => /^(src|portal)\//.test(path) && !/\.(test|contract)\.tsx?$/.test(path))
    .flatMap((file) => {
      const source = parse(file)
      const found: Violation[] = []
      const visit = (node: ts.Node): void => {
        for (const { matches, message, home } of bans)
          if (!home?.test(file.path) && matches(node))
            found.push({ path: file.path, line: lineOf(source, node), message })
        ts.forEachChild(node, visit)
      }
      visit(source)
      return found
    })
}

function isFixedText(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) || ts.isNoSubstitutionTemplateLiteral(node)
}

function isJoinedText(node: ts.Node): boolean {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken
}

/** Put together from constants of the same file, whose own texts stand there. */
function isOwnPattern(node: ts.Expression): boolean {
  const names = new Set<string>()
  const collect = (one: ts.Node): void => {
    if (ts.isIdentifier(one) && !ts.isPropertyAccessExpression(one.parent)) names.add(one.text)
    else if (ts.isIdentifier(one) && ts.isPropertyAccessExpression(one.parent) && one.parent.expression === one)
      names.add(one.text)
    ts.forEachChild(one, collect)
  }
  collect(ts.isElementAccessExpression(node) ? node.expression : node)
  const source = node.getSourceFile()
  const constants = new Set(
    source.statements.flatMap((statement) =>
      ts.isVariableStatement(statement)
        ? statement.declarationList.declarations
            .filter(({ initializer }) => initializer !== undefined && isLiteral(initializer))
            .map(({ name }) => name.getText())
        : [],
    ),
  )
  return names.size > 0 && [...names].every((name) => constants.has(name))
}

function isLiteral(node: ts.Expression): boolean {
  if (ts.isArrayLiteralExpression(node)) return node.elements.every((one) => ts.isIdentifier(one) || isLiteral(one))
  if (ts.isObjectLiteralExpression(node))
    return node.properties.every((one) => ts.isPropertyAssignment(one) && isLiteral(one.initializer))
  return isFixedText(node) || ts.isTemplateExpression(node)
}
