import { randomInt } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/** What a file in test/proofs exports: a promise of the product, tried with as many random cases as `size` says. */
export interface Proof {
  prove(options: { readonly seed: number; readonly size: number }): Promise<ProofResult>
  /** The size for every test run: seconds. */
  readonly small: number
  /** The size for `npm run prove`; `small` where there is none. */
  readonly usual?: number
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

async function main(): Promise<void> {
  const { positionals, values } = readArguments()
  const names = positionals.length > 0 ? positionals : proofNames()
  const unknown = names.find((name) => !proofNames().includes(name))
  if (unknown !== undefined || names.length === 0) usage()
  for (const name of names) {
    const proof = (await import(join(proofs, `${name}.ts`))) as Proof
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
