import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** One measured number. `peer` is what a comparable product or the bare tool needs; `ratio` is value by peer. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly peer?: { readonly name: string; readonly value: number } | undefined
  readonly ratio?: number | undefined
}

const folder = join(import.meta.dirname, '../bench')

async function main(words: readonly string[]): Promise<void> {
  const wanted = words.filter((word) => word !== '--json') // stdout is JSON either way

  const files = existsSync(folder) ? readdirSync(folder) : []
  const all = files
    .filter((file) => /^[a-z0-9-]+\.ts$/.test(file))
    .map((file) => file.slice(0, -3))
    .sort()
  const names = wanted.length > 0 ? wanted : all
  const unknown = names.find((name) => !all.includes(name))
  if (unknown !== undefined || names.length === 0) {
    console.error(`USAGE: npm run bench -- [${all.join('|')}] [--json]`)
    process.exit(2)
  }
  for (const name of names) {
    const { bench } = (await import(join(folder, `${name}.ts`))) as { bench(): Promise<readonly Figure[]> }
    console.log(JSON.stringify({ bench: name, figures: await bench() }))
  }
}

if (import.meta.main) await main(process.argv.slice(2))
