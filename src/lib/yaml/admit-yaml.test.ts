import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slowYaml, yamlBombs } from '../../../testing/hostile/yaml-bombs.ts'
import { admitYaml } from './admit-yaml.ts'
import { readYaml } from './read-yaml.ts'

const source = { code: 'SCORE_INVALID', file: 'score.yaml' } as const

for (const [name, text] of Object.entries(yamlBombs)) {
  test(`${name} is refused with the file's own code`, async () => {
    await admitYaml(text)

    assert.throws(() => readYaml(text, source), { code: 'SCORE_INVALID', message: /^score\.yaml/ })
  })
}

test('a large text is read in another thread: this one spends a fraction of the work on it', async () => {
  await admitYaml(slowYaml) // the thread starts once
  readYaml(slowYaml, source)
  const here = await workOf(() => readYaml(slowYaml, source))

  const apart = await workOf(async () => {
    await admitYaml(slowYaml)
    readYaml(slowYaml, source)
  })

  assert.ok(apart < here / 2, `${apart} µs instead of ${here} µs`)
})

test('a text read apart gives the same values, lines and errors', async () => {
  const padding = `pad: ${'x'.repeat(5_000)}\n`
  for (const text of [`${padding}a: {b: [1, 2]}\n`, `${padding}a: {b: [1, 2}\n`, `${padding}a: 1\na: 2\n`]) {
    const here = outcome(text)
    await admitYaml(text)
    assert.deepEqual(outcome(text), here)
  }
})

test('many texts at once all get their own answer', async () => {
  const texts = Array.from({ length: 20 }, (_, at) => `at: ${at}\npad: ${'x'.repeat(5_000)}\n`)

  await admitYaml(...texts)

  const values = texts.map((text) => readYaml(text, source)[0]?.value as { at: number }).map(({ at }) => at)
  assert.deepEqual(
    values,
    texts.map((_, at) => at),
  )
})

function outcome(text: string): unknown {
  try {
    const [document] = readYaml(text, source)
    return [document?.value, document?.lineOf(['a', 'b', 1]), document?.lineOf(['nothing'])]
  } catch (error) {
    return (error as Error).message
  }
}

/** Processor time of this thread, which waiting does not cost. */
async function workOf(act: () => unknown): Promise<number> {
  const before = process.threadCpuUsage()
  await act()
  const { user, system } = process.threadCpuUsage(before)
  return user + system
}
