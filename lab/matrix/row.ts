/** One cell of the matrix: what became of a port's promise with one product. */
export interface Row {
  readonly port: string
  readonly promise: string
  readonly product: string
  readonly result: 'pass' | 'fail' | 'not-run'
  /** Why it failed or was not run. */
  readonly reason?: string
}
