export const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type Level = (typeof levels)[number]

/** The level a logger means by a name; undefined for a name no logger uses. */
export function levelNamed(name: unknown): Level | undefined {
  if (typeof name !== 'string' || name.length > 12) return undefined
  const lower = name.toLowerCase()
  const usual = lower === 'warning' ? 'warn' : lower === 'critical' ? 'fatal' : lower
  return levels.find((level) => level === usual)
}

/** Four severity numbers to a level (https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber). */
export function levelNumbered(severity: unknown): Level | undefined {
  const number = Number(severity)
  return Number.isInteger(number) && number >= 1 && number <= 24 ? levels[Math.floor((number - 1) / 4)] : undefined
}
