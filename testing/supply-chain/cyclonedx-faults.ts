import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'

const library = dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json'))
const schema = (name: string) =>
  JSON.parse(readFileSync(join(library, 'res/schema', `${name}.SNAPSHOT.schema.json`), 'utf8')) as object

/** What the CycloneDX 1.6 JSON schema, as the project publishes it, says against a bill of materials. */
export function cyclonedxFaults(bytes: Uint8Array): string[] {
  const ajv = new Ajv({ strict: false, allErrors: true })
  ajv.addFormat('date-time', (text) => !Number.isNaN(Date.parse(text)))
  ajv.addFormat('iri-reference', (text) => !/[\s<>"{}|\\^`]/.test(text))
  ajv.addFormat('idn-email', true)
  ajv.addFormat('uri', true)
  ajv.addSchema(schema('spdx'), 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json')
  ajv.addSchema(schema('jsf-0.82'), 'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json')
  const validate = ajv.compile(schema('bom-1.6'))
  if (validate(JSON.parse(Buffer.from(bytes).toString('utf8')))) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
