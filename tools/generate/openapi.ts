import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { openApiDocument } from '../../src/api/openapi.ts'

const root = new URL('../../', import.meta.url).pathname

/** Writes docs/reference/openapi.json from the contract and src/client/schema.ts from that. */
export async function generate(): Promise<readonly string[]> {
  await writeFile(`${root}docs/reference/openapi.json`, `${JSON.stringify(await openApiDocument(), null, 2)}\n`)
  const cli = `${root}node_modules/openapi-typescript/bin/cli.js`
  const argv = [
    cli,
    `${root}docs/reference/openapi.json`,
    '-o',
    `${root}src/client/schema.ts`,
    '--default-non-nullable=false',
  ]
  await promisify(execFile)(process.execPath, argv, { cwd: root })
  return ['docs/reference/openapi.json', 'src/client/schema.ts']
}

if (import.meta.main) await generate()
