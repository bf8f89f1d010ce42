import { z } from 'zod'
import type { ErrorCode } from '#errors/catalogue.ts'
import { type FieldError, PlatformError } from '#errors/platform-error.ts'
import type { Template } from './parse-template.ts'
import { matchesPattern } from './bounded-pattern.ts'
import type { Question } from './schema.ts'

export type Answer = string | number | boolean | readonly string[]
export type Answers = Readonly<Record<string, Answer>>

export interface AnswerError extends FieldError {
  readonly code: Extract<ErrorCode, 'ANSWER_MISSING' | 'ANSWER_INVALID'>
}

/** Answers with defaults applied, in the template's order, and what is wrong with them. Use `answers` only when `errors` is empty. */
export function checkAnswers(
  template: Pick<Template, 'questions'>,
  given: Readonly<Record<string, unknown>>,
): { answers: Answers; errors: readonly AnswerError[] } {
  const errors: AnswerError[] = Object.keys(given)
    .filter((name) => !template.questions.has(name))
    .map((name) => invalid(name, 'the golden path does not ask this'))
  const answers: Record<string, Answer> = {}
  for (const [name, { question, required }] of template.questions) {
    const answer = valueFor(question, Object.hasOwn(given, name) ? given[name] : undefined)
    const isEmpty = answer === undefined || answer === null || answer === ''
    if (isEmpty && required)
      errors.push({ path: `values/${name}`, code: 'ANSWER_MISSING', message: 'please answer this' })
    if (isEmpty) continue
    const found = errorsOf(name, question, answer)
    errors.push(...found)
    if (found.length === 0) answers[name] = answer as Answer
  }
  return { answers, errors }
}

/** The checked answers. Throws the first error's code, with every error as a field. */
export function requireAnswers(template: Template, given: Readonly<Record<string, unknown>>): Answers {
  const { answers, errors } = checkAnswers(template, given)
  const [first] = errors
  if (!first) return answers
  const message = `${first.path}: ${first.message}.`
  throw new PlatformError(first.code, message, { errors: errors.map(({ path, message }) => ({ path, message })) })
}

/** The default when unanswered; numbers and booleans also as text, since command lines send text. */
function valueFor(question: Question, answer: unknown): unknown {
  if (answer === undefined || answer === null || answer === '') return question.default
  if (typeof answer !== 'string') return answer
  if (question.type === 'boolean' && /^(true|false)$/.test(answer)) return answer === 'true'
  const isNumber = question.type === 'integer' || question.type === 'number'
  if (isNumber && /^-?\d{1,15}(\.\d{1,15})?$/.test(answer)) return Number(answer)
  return answer
}

function errorsOf(name: string, question: Question, answer: unknown): AnswerError[] {
  const parsed = schemaOf(question).safeParse(answer)
  if (!parsed.success) {
    return parsed.error.issues.map((issue) => invalid([name, ...issue.path].join('/'), issue.message))
  }
  const texts = typeof answer === 'string' ? [answer] : Array.isArray(answer) ? answer.map(String) : []
  const reason = texts.map((text) => refusedText(text, isMultiline(question))).find((found) => found !== undefined)
  return reason === undefined ? [] : [invalid(name, reason)]
}

function schemaOf(question: Question): z.ZodType {
  const { type, enum: choices, pattern, items, ...rest } = question
  const asked = Object.fromEntries(Object.entries(rest).filter(([key]) => checkedKeywords.has(key)))
  if (choices)
    return z.union(
      choices.map((choice) => z.literal(choice)),
      `choose one of ${choices.join(', ')}`,
    )
  const schema = z.fromJSONSchema({ type, ...(items && { items: { type: items.type } }), ...asked })
  return schema.superRefine((value, context) => {
    const wanted = type === 'array' ? items?.pattern : pattern
    const texts = Array.isArray(value) ? value : [value]
    if (!wanted) return
    const found = texts.map((text) => (typeof text === 'string' ? matchesPattern(wanted, text) : false))
    const message = found.includes(false)
      ? `this does not match ${wanted}`
      : `this is too long to be compared with ${wanted}`
    if (!found.every((match) => match === true)) context.addIssue({ code: 'custom', message })
  })
}

const longestText = 10_000
const checkedKeywords = new Set(['minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems'])

/** Text that a second reader could take for code or structure. Everything else is free: quotes, colons, any script. */
function refusedText(text: string, multiline: boolean): string | undefined {
  const mark = ['${{', '{{', '{%'].find((candidate) => text.includes(candidate))
  if (mark) return `text may not hold ${mark}, which is template code`
  if (text.length > longestText) return 'text is at most 10,000 characters long'
  if (!text.isWellFormed()) return 'text is not valid Unicode'
  if (!multiline && /[\r\n]/.test(text)) return 'this is one line of text'
  if (controlCharacters.test(multiline ? text.replace(/[\n\t]/g, '') : text)) {
    return 'text may not hold control characters or marks that change the reading direction'
  }
  return undefined
}

// C0, DEL and C1 controls, line and paragraph separators, byte order mark, and the marks of "Trojan Source".
// oxlint-disable-next-line no-control-regex
const controlCharacters = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/

function isMultiline(question: Question): boolean {
  const options = question['ui:options'] as { multiline?: unknown } | undefined
  return question['ui:widget'] === 'textarea' || options?.multiline === true
}

function invalid(path: string, message: string): AnswerError {
  return { path: `values/${path}`, code: 'ANSWER_INVALID', message }
}
