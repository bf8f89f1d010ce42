import type { SignalIntake } from '#ports/signals.ts'
import type { Behind } from './adapters/open-adapters.ts'

type Signal = 'logs' | 'metrics' | 'traces'

/** What takes each signal from the platform's receiver; undefined: the platform's own database. */
export type SignalIntakes = Readonly<Record<Signal, SignalIntake | undefined>>

type Ports = Readonly<Record<Signal, Behind<{ readonly intake?: SignalIntake }, object>>>

/** Undefined when all three are brought by something else: then nothing is received here. */
export function intakesOf({ logs, metrics, traces }: Ports): SignalIntakes | undefined {
  const received = [logs, metrics, traces].some(({ local, adapter }) => local !== undefined || adapter.intake)
  if (!received) return undefined
  return { logs: intakeOf('logs', logs), metrics: intakeOf('metrics', metrics), traces: intakeOf('traces', traces) }
}

function intakeOf(signal: Signal, { local, adapter }: Ports[Signal]): SignalIntake | undefined {
  return local === undefined ? (adapter.intake ?? notHere(signal)) : undefined
}

// Kept here it would never be shown: the page asks the product.
function notHere(signal: Signal): SignalIntake {
  return { take: async (_, records) => ({ rejected: records, message: `${signal} are brought by a collector here` }) }
}
