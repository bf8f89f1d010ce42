import fc from 'fast-check'
import { codeOf } from '#errors/platform-error.ts'
import { renderTemplate } from '#render/template/render-template.ts'
import { facts, smallPath } from './small-path.ts'

/** Skeletons that would render for ever, or to more than anybody can hold. */
const bombs: readonly Readonly<Record<string, string>>[] = [
  { a: '{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}' },
  { a: `{% set x = "xxxxxxxxxx" %}${'{% set x = x + x %}'.repeat(27)}\${{ x }}` }, // 1.3 GB
  { a: '{% for i in range(100000000) %}${{ "y".repeat(100) }}{% endfor %}' },
  { a: '{% macro m() %}${{ m() }}{% endmacro %}${{ m() }}' },
  { a: '{% macro m(n) %}${{ m(n + 1) }}${{ m(n + 1) }}{% endmacro %}${{ m(0) }}' },
  { '${{ range(100000000) | join("a") }}': 'x' },
  { a: '${{ range(100000000) | dump }}' },
  Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [
      `f${index}`,
      '{% for i in range(1000) %}{% for j in range(600) %}{% endfor %}{% endfor %}',
    ]),
  ),
]

const plain = smallPath({ 'out.txt': '${{ values.text }}' })

/** Each bomb with ordinary renderings beside it: the bomb must end as TEMPLATE_LIMIT, the others must not wait for it. */
export async function proveBombs({ seed, size }: { seed: number; size: number }) {
  const figures = { bombs: 0, notLimited: 0, othersServed: 0, othersHeldUp: 0 }
  const chosen = fc.sample(fc.constantFrom(...bombs), { seed, numRuns: size - 1 })
  for (const bomb of [...chosen, bombs.at(-1) ?? {}]) {
    const files = smallPath(bomb)
    let hasEnded = false
    const bombing = renderTemplate({ files, answers: { text: 'x' }, facts })
      .then(
        () => undefined,
        (error: unknown) => codeOf(error),
      )
      .finally(() => {
        hasEnded = true
      })
    const others = await Promise.allSettled(
      ['one', 'two'].map((text) => renderTemplate({ files: plain, answers: { text }, facts })),
    )
    figures.othersServed += others.filter(({ status }) => status === 'fulfilled').length
    figures.othersHeldUp += others.filter(({ status }) => status === 'rejected').length
    // the last one works until it is killed after five seconds: whoever waited for it would see its end
    if (bomb === bombs.at(-1) && hasEnded) figures.othersHeldUp += 1
    figures.bombs += 1
    if ((await bombing) !== 'TEMPLATE_LIMIT') figures.notLimited += 1
  }
  return figures
}
