import { z } from 'zod'

/** `local`: the embedded adapter. Else the product's name beside that product's own options, which main checks. */
const AdapterChoice = z.union([z.literal('local'), z.looseObject({ product: z.string().min(1).max(40) })], {
  error: 'is `local`, or an object that names a `product` and its options',
})
export type AdapterChoice = z.infer<typeof AdapterChoice>

const choice = AdapterChoice.default('local')

/** `spec.adapters` of fairway.yaml: what stands behind each port. */
export const Adapters = z.strictObject({
  gitHost: choice,
  ci: choice,
  artifacts: choice,
  delivery: choice,
  policy: choice,
  admission: choice,
  identity: choice,
  secrets: choice,
  metrics: choice,
  logs: choice,
  traces: choice,
  /** Shipped before metrics, logs and traces were chosen apart. */
  signals: z.literal('local').optional(),
})
export type Adapters = z.infer<typeof Adapters>
export type AdapterPort = Exclude<keyof Adapters, 'signals'>

export const adapterPorts = Object.keys(Adapters.shape).filter((key) => key !== 'signals') as AdapterPort[]

/** Every port with its embedded adapter. */
export const allLocal: Adapters = Adapters.parse({})

/** Ports whose embedded adapter keeps things that only its machine has; one control plane is all they can have. */
const ofOneMachine = ['gitHost', 'artifacts', 'delivery'] as const

/** Whether the state of a platform with these adapters is bound to one machine. */
export function isOfOneMachine(adapters: Adapters): boolean {
  return ofOneMachine.some((port) => adapters[port] === 'local')
}

/** `local`, or the product's name. */
export function productOf(chosen: AdapterChoice): string {
  return chosen === 'local' ? 'local' : chosen.product
}
