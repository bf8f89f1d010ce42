import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Point } from './points.ts'

export type Order = Pick<Point, 'step' | 'moment' | 'delayMs'>

/** Where the proof says at which point the next control plane is to die; beside its data folder, which is not ours. */
export function orderFile(data: string): string {
  return join(data, '../kill-order.json')
}

export function writeOrder(data: string, { step, moment, delayMs }: Order): void {
  writeFileSync(orderFile(data), JSON.stringify({ step, moment, ...(delayMs !== undefined && { delayMs }) }))
}

export function readOrder(data: string): Order | undefined {
  try {
    return JSON.parse(readFileSync(orderFile(data), 'utf8')) as Order
  } catch {
    return undefined
  }
}

export function dropOrder(data: string): void {
  rmSync(orderFile(data), { force: true })
}
