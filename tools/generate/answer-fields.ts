import { writeFile } from 'node:fs/promises'
import { openApiDocument } from '../../src/api/openapi.ts'

interface Schema {
  readonly $ref?: string
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >
}

const head = `// Written by \`npm run generate\` from docs/reference/openapi.json.
`

/** src/client/answer-fields.ts: what \`--json\` may name of each answer, so that help says what the API's schema says. */
export async function answerFieldsFile(): Promise<string> {
  const document = (await openApiDocument()) as unknown as Document
  const answers = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) => {
      const schema = answerOf(operation)
      return schema ? [{ name: `${method.toUpperCase()} ${path}`, schema }] : []
    }),
  )
  const whole = answers.map(({ name, schema }) => ({ name, fields: [...propertiesOf(schema, document).keys()] }))
  const rows = answers.flatMap(({ name, schema }) => {
    const row = propertiesOf(schema, document).get('items')?.items
    return row ? [{ name, fields: [...propertiesOf(row, document).keys()] }] : []
  })
  return `${head}
/** The top-level fields of each answer of the API. */
export const answerFields = {
${tableOf(whole)}} as const satisfies Record<string, readonly string[]>

/** The fields of one row, where an answer is a list of \`items\`. */
export const rowFields = {
${tableOf(rows)}} as const satisfies Record<string, readonly string[]>
`
}

function answerOf({ responses }: Operation): Schema | undefined {
  const [, done] = Object.entries(responses).find(([status]) => status.startsWith('2')) ?? []
  return done?.content?.['application/json']?.schema
}

/** Of every shape that the schema allows. */
function propertiesOf(schema: Schema, document: Document): ReadonlyMap<string, Schema> {
  if (schema.$ref) return propertiesOf(document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, document)
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
  return new Map([
    ...parts.flatMap((part) => [...propertiesOf(part, document)]),
    ...Object.entries(schema.properties ?? {}),
  ])
}

function tableOf(rows: readonly { name: string; fields: readonly string[] }[]): string {
  return rows
    .filter(({ fields }) => fields.length > 0)
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
    .map(({ name, fields }) => `  '${name}': [${fields.map((field) => `'${field}'`).join(', ')}],\n`)
    .join('')
}

if (import.meta.main)
  await writeFile(new URL('../../src/client/answer-fields.ts', import.meta.url), await answerFieldsFile())
