import type { Row } from './row.ts'

const marks = { pass: '✔', fail: '✖', 'not-run': '–' } as const

/** The matrix as text: a table per port, rows are promises, columns are products, then each reason. */
export function printMatrix(rows: readonly Row[]): string {
  const ports = [...new Set(rows.map(({ port }) => port))]
  return ports
    .map((port) =>
      table(
        port,
        rows.filter((row) => row.port === port),
      ),
    )
    .join('\n\n')
}

/** `N passed, N failed, N skipped`. */
export function countsOf(rows: readonly Row[]): string {
  const count = (result: Row['result']) => rows.filter((row) => row.result === result).length
  return `${count('pass')} passed, ${count('fail')} failed, ${count('not-run')} skipped`
}

function table(port: string, rows: readonly Row[]): string {
  const products = [...new Set(rows.map(({ product }) => product))]
  const promises = [...new Set(rows.map(({ promise }) => promise))]
  const widths = products.map((product) => Math.max(product.length, 3))
  const line = (cells: readonly string[], text: string) =>
    `  ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}  ${text}`
  const cell = (promise: string, product: string) => {
    const row = rows.find((each) => each.promise === promise && each.product === product)
    return row ? marks[row.result] : ''
  }
  return [
    port,
    line(products, ''),
    ...promises.map((promise) =>
      line(
        products.map((product) => cell(promise, product)),
        promise,
      ),
    ),
    ...reasons(rows),
  ].join('\n')
}

function reasons(rows: readonly Row[]): readonly string[] {
  const failed = rows.filter(({ result }) => result === 'fail')
  const notRun = Map.groupBy(
    rows.filter(({ result }) => result === 'not-run'),
    ({ product, reason }) => `${product}: ${reason ?? ''}`,
  )
  return [
    ...failed.map(({ product, promise, reason }) => `  ✖ ${product}: ${promise}: ${reason ?? ''}`),
    ...[...notRun].map(([reason, of]) => `  – ${reason} (${of.length} not run)`),
  ]
}
