import assert from 'node:assert/strict'
import { relative } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { answerProbe } from '../../../testing/answer-faults.ts'
import { examples } from '../../../testing/golden-paths.ts'
import { hostileText } from '../../../testing/hostile-text.ts'

for (const example of examples()) {
  const path = relative(process.cwd(), example.folder)

  test(`${path}: an accepted answer stays one text in every YAML, JSON and TOML file, and changes no structure`, () => {
    const probe = answerProbe(example)
    let accepted = 0
    fc.assert(
      fc.property(fc.constantFrom(...probe.questions), hostileText(), (name, text) => {
        const faults = probe.faults(name, text)
        if (faults === undefined) return
        accepted += 1
        assert.deepEqual(faults, [])
      }),
      { numRuns: 400 },
    )
    assert.ok(accepted > 50, `${accepted} accepted`)
  })
}

test('the probe notices an answer that is not quoted', () => {
  const [example] = examples()
  assert.ok(example)
  const file = 'skeleton/catalog-info.yaml'
  const careless = example.template.get(file)?.replace('values.description | dump', 'values.description') ?? ''
  const probe = answerProbe({
    ...example,
    template: new Map([...example.template, [file, careless]]),
    answers: { name: 'hello', owner: 'team-a', description: 'plain' },
  })

  assert.notDeepEqual(probe.faults('description', 'a # b'), [])
  assert.notDeepEqual(probe.faults('description', 'yes'), [])
  assert.throws(() => probe.faults('description', 'a: b: c'))
})
