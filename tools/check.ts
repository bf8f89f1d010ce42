import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const bin = (path: string) => join(root, 'node_modules', path)

const checks: Readonly<Record<string, readonly string[]>> = {
  types: [bin('ts7/bin/tsc'), '-p', '.'],
  ...(existsSync(join(root, 'portal/tsconfig.json')) ? { 'portal types': [bin('ts7/bin/tsc'), '-p', 'portal'] } : {}),
  lint: [bin('oxlint/bin/oxlint'), '--type-aware'],
  format: [bin('@biomejs/biome/bin/biome'), 'format', '.'],
  'rules and generated files': [join(root, 'tools/test.ts'), 'test/rules'],
}

/** Types, lint, format, rules and freshness of generated files: all of them run, then one summary. */
async function main(): Promise<void> {
  const results = await Promise.all(Object.entries(checks).map(([name, argv]) => check(name, argv)))
  for (const { name, ok, output } of results) if (!ok) console.log(`\n✖ ${name}\n${output.replace(/^/gm, '    ')}`)
  console.log('')
  for (const { name, ok, seconds } of results) console.log(`${ok ? '✔' : '✖'} ${name.padEnd(28)} ${seconds} s`)
  if (results.some(({ ok }) => !ok)) process.exitCode = 1
}

async function check(name: string, argv: readonly string[]) {
  const began = performance.now()
  const child = spawn(process.execPath, argv, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => void (output += data.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { name, ok: code === 0, output: output.trim(), seconds: ((performance.now() - began) / 1000).toFixed(1) }
}

await main()
