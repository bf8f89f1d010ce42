/** A PromQL expression as data. Only the printer makes text of it, so no value can close or widen a selector. */
export type PromExpression =
  | {
      readonly kind: 'select'
      readonly metric?: string
      readonly matchers: readonly Matcher[]
      /** A range of so many seconds; an instant without. */
      readonly window?: number
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly PromExpression[] }
  | { readonly kind: 'sum'; readonly by: readonly string[]; readonly of: PromExpression }
  | {
      readonly kind: 'binary'
      readonly op: '*' | '/' | 'and' | 'or' | '>'
      readonly left: PromExpression
      readonly right: PromExpression
    }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }

export interface Matcher {
  readonly label: string
  readonly op: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

export function call(name: string, ...args: readonly (PromExpression | string | number)[]): PromExpression {
  return { kind: 'call', name, args: args.map(expression) }
}

export function sum(of: PromExpression, ...by: readonly string[]): PromExpression {
  return { kind: 'sum', by, of }
}

export function binary(
  left: PromExpression,
  op: Extract<PromExpression, { kind: 'binary' }>['op'],
  right: PromExpression | number,
): PromExpression {
  return { kind: 'binary', op, left, right: expression(right) as PromExpression }
}

/** The expression as text. Throws for a name that is none: names come from code, values from anywhere. */
export function printPromql(tree: PromExpression): string {
  switch (tree.kind) {
    case 'select':
      return selector(tree)
    case 'call':
      return `${named(tree.name)}(${tree.args.map(printPromql).join(', ')})`
    case 'sum':
      return `sum${tree.by.length > 0 ? ` by (${tree.by.map(named).join(', ')}) ` : ''}(${printPromql(tree.of)})`
    case 'binary':
      return `(${printPromql(tree.left)} ${tree.op} ${printPromql(tree.right)})`
    case 'number':
      return numeral(tree.value)
    case 'text':
      return quoted(tree.value)
  }
}

/**
 * A text in double quotes as PromQL and LogQL read it: the escapes of JSON are among Go's. Half a surrogate pair is no
 * text there and becomes U+FFFD.
 */
export function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed())
}

function expression(value: PromExpression | string | number): PromExpression {
  if (typeof value === 'string') return { kind: 'text', value }
  return typeof value === 'number' ? { kind: 'number', value } : value
}

function selector({ metric, matchers, window }: Extract<PromExpression, { kind: 'select' }>): string {
  const inside = matchers.map(({ label, op, value }) => `${named(label)}${op}${quoted(value)}`).join(',')
  const range = window === undefined ? '' : `[${numeral(Math.max(1, Math.round(window)))}s]`
  return `${metric === undefined ? '' : named(metric)}{${inside}}${range}`
}

function named(name: string): string {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name in PromQL`)
  return name
}

function numeral(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`${value} is no number for PromQL`)
  return String(value)
}
