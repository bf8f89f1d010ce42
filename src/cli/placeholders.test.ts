import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandTable } from './command-table.ts'
import { argumentsOf, optionsOf, placeholderOf } from './command-words.ts'
import { kindOfPlaceholder } from './placeholders.ts'

/** Words that only the person knows. */
const free = new Set(
  (
    'action address branch commit comment contains count data description drift entity fields health id json key key=value kind ' +
    'kinds level lines message method name notification number object operation owner/name page path port reason ' +
    'repository rule search secret shell source state text time title url version words'
  ).split(' '),
)

test('completion knows what every argument and option asks for, or that only the person knows', async () => {
  for (const { words, load } of commandTable) {
    const spec = await load()
    const placeholders = [...argumentsOf(spec), ...optionsOf(spec).map(({ flag }) => flag)].flatMap(
      (text) => placeholderOf(text) ?? [],
    )
    for (const placeholder of placeholders) {
      const isKnown = kindOfPlaceholder(placeholder) !== undefined
      assert.notEqual(isKnown, free.has(placeholder), `<${placeholder}> of ${words}: is it a name that exists?`)
    }
    for (const name of Object.keys(spec.choices ?? {}))
      assert.ok(placeholders.includes(name), `${words} has no <${name}>`)
  }
})
