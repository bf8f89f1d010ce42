import type { Gate, Policy as PolicyDocument, Verdict } from '#model/verdict.ts'

/** The rules. A verdict that is late, undefined, not boolean or not to be had is a denial (POLICY_UNAVAILABLE), never a pass. */
export interface Policy {
  /** The bundle in force. */
  bundle(): PolicyBundle
  evaluate(question: PolicyQuestion, signal?: AbortSignal): Promise<Verdict>
  /** Compiles and tests a set of rule sources without putting them in force. POLICY_COMPILER_MISSING without `opa`. */
  compile(sources: readonly PolicySource[], signal?: AbortSignal): Promise<CompiledBundle>
  /** Puts a compiled bundle in force; evaluations that began before keep the old one. */
  use(compiled: CompiledBundle): Promise<void>
}

export interface PolicySource {
  /** Path below `policies/`, as `image-digest/rule.rego`. */
  readonly path: string
  readonly text: string
}

export interface PolicyBundle {
  /** Digest over the sources: rules, tests left out, and policy.yaml files. */
  readonly digest: string
  readonly policies: readonly PolicyDocument[]
}

export interface CompiledBundle extends PolicyBundle {
  readonly wasm: Uint8Array
  readonly data: unknown
}

export interface PolicyQuestion {
  readonly gate: Gate
  readonly environment?: string
  /** The gate's input: see policies/README.md for the shape per gate. `now` is added by the caller. */
  readonly input: Readonly<Record<string, unknown>>
}
