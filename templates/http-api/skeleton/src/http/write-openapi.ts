import { writeFile } from 'node:fs/promises'
import { openapi } from './openapi.ts'

await writeFile('openapi.json', `${JSON.stringify(openapi(), null, 2)}\n`)
