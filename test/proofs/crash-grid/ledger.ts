import { AsyncLocalStorage } from 'node:async_hooks'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '#errors/platform-error.ts'
import type { Ports } from '#ports/ports.ts'

/** One line before and one after each call that changes the world outside the database, as the calls were made. */
export interface Entry {
  readonly at: number
  readonly pid: number
  /** The same number before and after a call of one process. */
  readonly id: number
  readonly phase: 'before' | 'after'
  readonly call: string
  /** Undefined for what no step of a run did. */
  readonly run?: string
  readonly step?: string
  readonly what: string
  /** Behind the call: `ok`, or the code of the error. */
  readonly result?: string
}

/** The calls that have effects, by port. Everything else only reads, or is a hint that may be repeated at will. */
const effects: Readonly<Partial<Record<keyof Ports, readonly string[]>>> = {
  gitHost: [
    'repositories.create',
    'repositories.protect',
    'repositories.archive',
    'changes.propose',
    'changes.review',
    'changes.check',
    'changes.merge',
    'changes.close',
  ],
  ci: ['build', 'publish'],
  artifacts: ['putBlob', 'putManifest'],
  delivery: ['refresh'],
  policy: ['compile', 'use'],
}

/** Of them, those that change nothing by themselves. */
export const hints: readonly string[] = ['delivery.refresh']

export function ledgerFile(data: string): string {
  return join(data, '../ledger.jsonl')
}

export function readLedger(data: string): Entry[] {
  const text = readFileSync(ledgerFile(data), 'utf8')
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry)
}

/** Which step of which run acts now. */
export const acting = new AsyncLocalStorage<{ readonly run: string; readonly step: string }>()

/** Gives back adapters whose effects are written to the file; appends are whole lines, and those of a killed process stay. */
export function ledger(file: string): <T extends object>(name: keyof Ports, adapter: T) => T {
  let calls = 0
  const write = (entry: Omit<Entry, 'at' | 'pid'>) =>
    appendFileSync(file, `${JSON.stringify({ at: Date.now(), pid: process.pid, ...acting.getStore(), ...entry })}\n`)
  return (name, adapter) => {
    const wanted = effects[name] ?? []
    const watch = <T extends object>(target: T, path: string): T =>
      new Proxy(target, {
        get(_, key) {
          const value: unknown = Reflect.get(target, key)
          const own = `${path}${String(key)}`
          if (wanted.includes(own)) return noted(write, () => ++calls, { call: `${name}.${own}`, act: value, target })
          const holds = typeof value === 'object' && value !== null && wanted.some((one) => one.startsWith(`${own}.`))
          return holds ? watch(value, `${own}.`) : value
        },
      })
    return watch(adapter, '')
  }
}

function noted(
  write: (entry: Omit<Entry, 'at' | 'pid'>) => void,
  next: () => number,
  { call, act, target }: { call: string; act: unknown; target: object },
) {
  return async (...given: unknown[]): Promise<unknown> => {
    const entry = { id: next(), call, what: wordsOf(given) }
    write({ ...entry, phase: 'before' })
    try {
      const result: unknown = await Reflect.apply(act as () => unknown, target, given)
      write({ ...entry, phase: 'after', result: 'ok' })
      return result
    } catch (error) {
      write({ ...entry, phase: 'after', result: codeOf(error) ?? 'error' })
      throw error
    }
  }
}

/** What tells one call from another: plain values; streams, bytes and signals are left out. */
function wordsOf(given: readonly unknown[]): string {
  const plain = (_: string, value: unknown) =>
    value instanceof Uint8Array ||
    value instanceof AbortSignal ||
    typeof (value as { pipe?: unknown })?.pipe === 'function'
      ? undefined
      : value
  return JSON.stringify(given, plain).slice(0, 1_000)
}
