import { PlatformError } from '#errors/platform-error.ts'
import { digestOf } from '#lib/digest.ts'
import { Instant } from '#model/names.ts'
import type { CompiledBundle, Policy, PolicyQuestion } from '#ports/policy.ts'
import { canonicalJson } from './canonical-json.ts'
import { compileBundle } from './compile.ts'
import { type EnginePool, startEnginePool } from './engine-pool.ts'
import type { CompiledModule } from './engine-worker.ts'
import { startEngineThread } from './engine-thread.ts'
import { findOpa } from './find-opa.ts'
import { applicable, readVerdict } from './read-verdict.ts'

export interface LocalPolicyOptions {
  readonly bundle: CompiledBundle
  /** A verdict that takes longer is a denial. */
  readonly deadlineMs?: number
  readonly workers?: number
  /** Finds the compiler; the default looks at PATH and ~/.cache/fairway-lab/bin. */
  readonly findCompiler?: () => Promise<string | undefined>
}

/** OPA's WebAssembly in threads of this process. See readme.md for what is a verdict and what is thrown. */
export async function localPolicy(options: LocalPolicyOptions): Promise<Policy & { close(): Promise<void> }> {
  const { deadlineMs = 200, workers = 1, findCompiler = () => findOpa() } = options
  let inForce = await engineOf(options.bundle, { deadlineMs, workers })

  return {
    bundle: () => inForce.bundle,
    async evaluate(question, signal) {
      const { pool, bundle } = inForce
      const { asked, now } = documentOf(question)
      const answer = await pool.ask(canonicalJson({ ...asked, now }), signal)
      const judgement = readVerdict(answer, applicable(bundle.policies, asked))
      return {
        ...judgement,
        gate: question.gate,
        inputDigest: digestOf(canonicalJson(asked)),
        bundleDigest: bundle.digest,
        evaluatedAt: now,
        millis: 'millis' in answer ? answer.millis : deadlineMs,
      }
    },
    async compile(sources, signal) {
      return compileBundle(sources, { opa: await findCompiler(), signal })
    },
    async use(compiled) {
      const next = await engineOf(compiled, { deadlineMs, workers })
      const { pool } = inForce
      inForce = next
      await pool.close()
    },
    close: () => inForce.pool.close(),
  }
}

// Node has it; the type library without a browser does not.
const { WebAssembly: webAssembly } = globalThis as unknown as {
  WebAssembly: { compile(bytes: Uint8Array): Promise<CompiledModule> }
}

/** 64 MiB: about a thousand times the memory a verdict on a usual service takes. */
const memoryPages = 1024

interface Engine {
  readonly bundle: CompiledBundle
  readonly pool: EnginePool
}

async function engineOf(
  bundle: CompiledBundle,
  { deadlineMs, workers }: { deadlineMs: number; workers: number },
): Promise<Engine> {
  const module = await webAssembly.compile(Uint8Array.from(bundle.wasm)).catch((cause: unknown) => {
    throw new PlatformError('POLICY_UNAVAILABLE', 'The bundle of rules is not WebAssembly.', { cause })
  })
  const startThread = () => startEngineThread({ module, data: bundle.data, memoryPages })
  return { bundle, pool: await startEnginePool({ startThread, size: workers, deadlineMs }) }
}

/** The question as the rules see it. What the digest binds leaves `now` out: the same change asked again is the same input. */
function documentOf({ gate, environment, input }: PolicyQuestion) {
  const { now, environment: described, ...rest } = input
  const known = (typeof described === 'object' ? described : undefined) as { name?: string } | undefined
  if (environment !== undefined && known?.name !== undefined && known.name !== environment) {
    const message = `The question is about ${environment}, its input describes ${known.name}.`
    throw new PlatformError('INPUT_INVALID', message)
  }
  const asked = { ...rest, gate, environment: { ...known, ...(environment !== undefined && { name: environment }) } }
  return { asked, now: Instant.safeParse(now).data ?? new Date().toISOString() }
}
