import { randomInt } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { labFacts } from '../testing/lab.ts'

/** What a file in test/proofs exports: a promise of the product, tried with as many random cases as `size` says. */
export interface Proof {
  prove(options: { readonly seed: number; readonly size: number }): Promise<ProofResult>
  /** The size for every test run: seconds. */
  readonly small: number
  /** The size for `npm run prove`; `small` where there is none. */
  readonly usual?: number
  /** Engine of the lab without which it is not run, and says so. */
  readonly needsLab?: string
}

export interface ProofResult {
  readonly holds: boolean
  readonly figures: Readonly<Record<string, unknown>>
}

const proofs = join(import.meta.dirname, '../test/proofs')

/** The names of all proofs: files of test/proofs, without their tests. */
export function proofNames(): readonly string[] {
  const files = existsSync(proofs) ? readdirSync(proofs) : []
  return files
    .filter((file) => /^[a-z0-9-]+\.ts$/.test(file))
    .map((file) => file.slice(0, -3))
    .sort()
}

/** Exit code of a proof that was asked for by name and could not be run: neither held nor failed. */
const notRunCode = 3

/** The engine that a proof cannot do without; undefined for one that needs nothing. */
export async function labOf(name: string): Promise<string | undefined> {
  return (await load(name)).needsLab
}

async function load(name: string): Promise<Proof> {
  return (await import(join(proofs, `${name}.ts`))) as Proof
}

async function main(): Promise<void> {
  const { positionals, values } = readArguments()
  const names = positionals.length > 0 ? positionals : proofNames()
  const unknown = names.find((name) => !proofNames().includes(name))
  if (unknown !== undefined || names.length === 0) usage()
  for (const name of names) {
    const proof = await load(name)
    const { skip: notRun } = proof.needsLab ? await labFacts(proof.needsLab) : { skip: false }
    if (notRun) {
      console.log(JSON.stringify({ proof: name, holds: null, notRun }))
      if (positionals.length > 0) process.exitCode = notRunCode
      continue
    }
    const size = values.size ? Number(values.size) : ((values.small ? undefined : proof.usual) ?? proof.small)
    const seed = values.seed ? Number(values.seed) : randomInt(2 ** 31)
    console.error(`${name}: seed ${seed}, size ${size}`)
    const { holds, figures } = await proof.prove({ seed, size })
    console.log(JSON.stringify({ proof: name, holds, seed, size, figures }))
    if (!holds) process.exitCode = 1
  }
}

/** `--json` is what scripts say: stdout is one JSON line per proof either way, words go to stderr. */
function readArguments() {
  const options = {
    seed: { type: 'string' },
    size: { type: 'string' },
    small: { type: 'boolean' },
    json: { type: 'boolean' },
  } as const
  try {
    const read = parseArgs({ options, allowPositionals: true })
    const numbers = [read.values.seed, read.values.size].filter((text) => text !== undefined)
    return numbers.every((text) => /^\d{1,15}$/.test(text)) ? read : usage()
  } catch {
    return usage()
  }
}

function usage(): never {
  console.error(`USAGE: npm run prove -- [${proofNames().join('|')}] [--seed N] [--size N] [--json]`)
  process.exit(2)
}

if (import.meta.main) await main()
