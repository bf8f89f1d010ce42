import { parentPort, workerData } from 'node:worker_threads'
import { loadPolicy } from '@open-policy-agent/opa-wasm'

/** A `WebAssembly.Module`: Node has it, the type library without a browser does not. */
export type CompiledModule = Parameters<typeof loadPolicy>[0]

/** What a thread is started with, is asked, and answers. Texts are JSON. */
export interface EngineStart {
  readonly module: CompiledModule
  readonly data: unknown
  readonly memoryPages: number
}
/** `millis` are those in which the thread really ran: on a busy machine it also waits for its turn. */
export type EngineReply = { readonly result: string; readonly millis: number } | { readonly broken: string }

const { module, data, memoryPages } = workerData as EngineStart
let engine = await load()

parentPort?.on('message', (question: string) => void answer(question).then((reply) => parentPort?.postMessage(reply)))
parentPort?.postMessage('ready')

async function answer(question: string): Promise<EngineReply> {
  const began = ownMillis()
  try {
    const bytes = new TextEncoder().encode(question)
    const result = JSON.stringify(engine.evaluate(bytes.buffer)) ?? 'null'
    return { result, millis: ownMillis() - began }
  } catch (error) {
    // Memory is as the fault left it: the next question gets a fresh engine.
    engine = await load()
    return { broken: error instanceof Error ? error.message : String(error) }
  }
}

function ownMillis(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

async function load() {
  const loaded = await loadPolicy(module, { initial: 5, maximum: memoryPages })
  loaded.setData(data as object)
  return loaded
}
