import type { GoldenPath } from '../model.ts'

export type Answer = string | number | boolean | string[]
export type Answers = Readonly<Record<string, Answer>>

/** The part of JSON Schema that golden paths may use (src/render/template/schema.ts holds them to it). */
export interface Question {
  readonly key: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array'
  readonly title: string
  readonly description?: string
  readonly required: boolean
  readonly default?: Answer
  readonly options?: readonly { readonly value: string; readonly label: string }[]
  readonly isNumeric: boolean
  readonly isOwner: boolean
  readonly isLong: boolean
  readonly autofocus: boolean
  readonly maxLength?: number
}

export interface QuestionPage {
  readonly title: string
  readonly description?: string
  readonly questions: readonly Question[]
}

/** The pages of a golden path's form. */
export function questionPages(path: GoldenPath): QuestionPage[] {
  return path.parameters.map((page, index) => {
    const properties = (page['properties'] ?? {}) as Record<string, Record<string, unknown>>
    const required = new Set((page['required'] ?? []) as string[])
    const description = text(page['description'])
    return {
      title: text(page['title']) ?? `Step ${index + 1}`,
      ...(description && { description }),
      questions: Object.entries(properties).map(([key, schema]) => question(key, schema, required.has(key))),
    }
  })
}

export function defaultsOf(pages: readonly QuestionPage[]): Answers {
  const given = pages.flatMap(({ questions }) => questions).filter((one) => one.default !== undefined)
  return Object.fromEntries(given.map((one) => [one.key, one.default as Answer]))
}

/** What is sent: name and owner apart from the other answers; what was left empty is left out. */
export function requestOf(answers: Answers): { name: string; owner: string; values: Record<string, Answer> } {
  const { name = '', owner = '', ...rest } = answers
  const values = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ''))
  return { name: String(name), owner: String(owner), values }
}

function question(key: string, schema: Record<string, unknown>, required: boolean): Question {
  const names = schema['enumNames'] as string[] | undefined
  const options = (schema['enum'] as (string | number)[] | undefined)?.map((value, index) => ({
    value: String(value),
    label: names?.[index] ?? String(value),
  }))
  const description = text(schema['description'])
  const type = schema['type'] as Question['type']
  return {
    key,
    type,
    title: text(schema['title']) ?? key,
    required,
    isNumeric: type === 'integer' || type === 'number',
    isOwner: schema['ui:field'] === 'OwnerPicker' || key === 'owner',
    isLong: schema['ui:widget'] === 'textarea',
    autofocus: schema['ui:autofocus'] === true,
    ...(description && { description }),
    ...(schema['default'] !== undefined && { default: schema['default'] as Answer }),
    ...(options && { options }),
    ...(typeof schema['maxLength'] === 'number' && { maxLength: schema['maxLength'] }),
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
