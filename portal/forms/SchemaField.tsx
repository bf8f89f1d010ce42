import { Checkbox, Select, TagsInput, Textarea, TextInput } from '@mantine/core'
import type { Answer, Question } from './questions.ts'

interface SchemaFieldProps {
  readonly question: Question
  readonly value: Answer | undefined
  readonly error: string | undefined
  /** Teams that may own what is made. */
  readonly owners: readonly string[]
  readonly set: (value: Answer) => void
  readonly leave: () => void
}

/** One question of a golden path as the input that fits its type. */
export function SchemaField({ question, value, error, owners, set, leave }: SchemaFieldProps) {
  const { key, title, description, required, options } = question
  const shared = {
    name: key,
    label: title,
    description,
    error,
    withAsterisk: required,
    onBlur: leave,
    maw: 560,
    ...(required && { 'aria-required': true }),
  }
  if (question.type === 'boolean')
    return (
      <Checkbox
        name={key}
        label={title}
        description={description}
        error={error}
        checked={value === true}
        onChange={({ currentTarget }) => set(currentTarget.checked)}
      />
    )
  if (question.isOwner)
    return (
      <Select
        {...shared}
        data={[...owners]}
        value={typeof value === 'string' && value ? value : null}
        onChange={(next) => set(next ?? '')}
        allowDeselect={false}
        placeholder="Choose a team"
      />
    )
  if (options)
    return (
      <Select
        {...shared}
        data={[...options]}
        value={value === undefined ? null : String(value)}
        allowDeselect={!required}
        onChange={(next) => set(next === null ? '' : question.isNumeric ? Number(next) : next)}
      />
    )
  if (question.isNumeric)
    return (
      <TextInput
        {...shared}
        value={typeof value === 'number' || typeof value === 'string' ? String(value) : ''}
        inputMode={question.type === 'integer' ? 'numeric' : 'decimal'}
        autoComplete="off"
        onChange={({ currentTarget }) => set(numberOrText(currentTarget.value))}
      />
    )
  if (question.type === 'array')
    return (
      <TagsInput
        {...shared}
        value={Array.isArray(value) ? value : []}
        onChange={set}
        placeholder="Type and press Enter"
      />
    )
  const typed = typeof value === 'string' ? value : ''
  if (question.isLong)
    return (
      <Textarea
        {...shared}
        value={typed}
        autosize
        minRows={3}
        onChange={({ currentTarget }) => set(currentTarget.value)}
      />
    )
  return (
    <TextInput
      {...shared}
      value={typed}
      maxLength={question.maxLength}
      data-autofocus={question.autofocus || undefined}
      autoComplete="off"
      onChange={({ currentTarget }) => set(currentTarget.value)}
    />
  )
}

// What is no number yet, as `-` or `0.0`, stays as it was typed; the check says what is wrong with it.
function numberOrText(text: string): number | string {
  return text !== '' && String(Number(text)) === text ? Number(text) : text
}
