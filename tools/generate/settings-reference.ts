import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Environment, ServiceEnvironment } from '../../src/model/environment.ts'
import { Pipeline } from '../../src/model/pipeline.ts'
import { PlatformFile } from '../../src/workflows/settings.ts'
import { type About, files, ofWorkloads, variables } from '../settings-words.ts'

const root = join(import.meta.dirname, '../..')
const schemas: Readonly<Record<keyof typeof files, z.ZodType>> = {
  'fairway.yaml': PlatformFile,
  'environments/<name>.yaml': Environment,
  '.fairway/environments/<environment>.yaml': ServiceEnvironment,
  '.fairway/pipeline.yaml': Pipeline,
}

interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

interface Row {
  readonly path: string
  readonly takes: string
  readonly otherwise: string
}

/** docs/reference/settings.md. Throws when the code reads a variable, or takes a field, that has no words here. */
export async function settingsPage(): Promise<string> {
  await requireAllVariables()
  const sections = Object.entries(schemas).map(([file, schema]) => section(file as keyof typeof files, schema))
  return `# Settings

Written by \`npm run generate\` from the schemas in \`src/\`; the words are in \`tools/settings-words.ts\`.

## Environment variables

\`fairway config explain KEY\` says what a setting is on this machine and what decided it.

| Variable | Default | What it sets |
|---|---|---|
${Object.entries(variables)
  .map(([name, { otherwise, about }]) => `| \`${name}\` | ${otherwise} | ${about} |`)
  .join('\n')}

A service finds these in its own environment:

| Variable | What it holds |
|---|---|
${Object.entries(ofWorkloads)
  .map(([name, about]) => `| \`${name}\` | ${about} |`)
  .join('\n')}

${sections.join('\n\n')}
`
}

function section(file: keyof typeof files, schema: z.ZodType): string {
  const { about, fields } = files[file] as { about: string; fields: About }
  const json = z.toJSONSchema(schema, { io: 'input' }) as Schema
  const rows = rowsOf(json, { path: '', defs: json.$defs ?? {}, isRequired: true })
  requireSame(file, { known: Object.keys(fields), found: rows.map((row) => row.path) })
  const lines = rows.map(({ path, takes, otherwise }) => `| \`${path}\` | ${takes} | ${otherwise} | ${fields[path]} |`)
  return [
    `## \`${file}\``,
    about,
    ['| Field | Takes | Default | Meaning |', '|---|---|---|---|', ...lines].join('\n'),
  ].join('\n\n')
}

/** The leaves of a schema; `<key>` stands for any key, `[]` for every item. */
function rowsOf(
  given: Schema,
  at: { path: string; defs: Readonly<Record<string, Schema>>; isRequired: boolean },
): Row[] {
  const schema = given.$ref === undefined ? given : (at.defs[given.$ref.replace('#/$defs/', '')] ?? given)
  const below = (path: string, child: Schema, isRequired: boolean) =>
    rowsOf(child, { path: at.path === '' ? path : `${at.path}.${path}`, defs: at.defs, isRequired })
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([name, child]) =>
      below(name, child, at.isRequired && (schema.required ?? []).includes(name)),
    )
  }
  const { additionalProperties: any, items } = schema
  if (typeof any === 'object' && Object.keys(any).length > 0) return below('<key>', any, false)
  if (items?.properties) return rowsOf(items, { ...at, path: `${at.path}[]` })
  const otherwise = given.default ?? schema.default
  const none = at.isRequired ? 'required' : '–'
  return [
    { path: at.path, takes: taken(schema), otherwise: otherwise === undefined ? none : `\`${shown(otherwise)}\`` },
  ]
}

function taken(schema: Schema): string {
  if (schema.const !== undefined) return `\`${shown(schema.const)}\``
  if (schema.enum) return schema.enum.map((value) => `\`${shown(value)}\``).join(', ')
  if (schema.items) return 'list of texts'
  const { minimum, maximum = Number.MAX_SAFE_INTEGER } = schema
  if (schema.type === 'integer')
    return maximum === Number.MAX_SAFE_INTEGER ? `number from ${minimum}` : `number from ${minimum} to ${maximum}`
  return schema.type === 'string' ? 'text' : (schema.type ?? 'anything')
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

async function requireAllVariables(): Promise<void> {
  const names = (await readdir(join(root, 'src'), { recursive: true })).filter((name) =>
    /(?<!\.(test|contract))\.ts$/.test(name),
  )
  const texts = await Promise.all(names.map((name) => readFile(join(root, 'src', name), 'utf8')))
  const found = texts.flatMap((text) => [...text.matchAll(/\bFAIRWAY(_[A-Z]+)+\b/g)].map(([name]) => name))
  const known = [...Object.keys(variables), ...Object.keys(ofWorkloads).filter((name) => /^FAIRWAY[A-Z_]+$/.test(name))]
  requireSame('the variables', { known, found: [...new Set(found)] })
}

function requireSame(what: string, { known, found }: { known: readonly string[]; found: readonly string[] }): void {
  const silent = found.filter((name) => !known.includes(name))
  const gone = known.filter((name) => !found.includes(name))
  if (silent.length + gone.length === 0) return
  throw new Error(
    `settings-words.ts, ${what}: no words for ${silent.join(', ') || 'nothing'}; gone: ${gone.join(', ') || 'nothing'}`,
  )
}

if (import.meta.main) await writeFile(join(root, 'docs/reference/settings.md'), await settingsPage())
