import fc from 'fast-check'
import { codeOf } from '#errors/platform-error.ts'
import { renderTemplate, renderTemplateHere } from '#render/template/render-template.ts'
import { escapeExpressions, escapeStatements, hostData } from '../../../testing/hostile/template-escapes.ts'
import { facts, smallPath } from './small-path.ts'

type Place = (payload: string) => { files: ReadonlyMap<string, string>; text?: string }

/** Where a payload can stand: in what the golden path says, and in what a person answers. */
const places: Readonly<Record<string, Place>> = {
  'template body': (payload) => ({ files: smallPath({ 'out.txt': payload }) }),
  'file name': (payload) => ({ files: smallPath({ [`${payload.replaceAll('/', '')}.txt`]: 'x' }) }),
  'folder name': (payload) => ({ files: smallPath({ [`${payload.replaceAll('/', '')}/a.txt`]: 'x' }) }),
  'value of a step': (payload) => ({ files: smallPath({ 'out.txt': '${{ values.text }}' }, { values: payload }) }),
  condition: (payload) => ({ files: smallPath({ 'out.txt': 'x' }, { condition: payload }) }),
  answer: (payload) => ({ files: smallPath({ 'out.txt': '${{ values.text }}' }), text: payload }),
  'answer in a name': (payload) => ({ files: smallPath({ '${{ values.text }}': 'x' }), text: payload }),
}

/** Every payload in every place, then random compositions of them. `leaks` counts outputs with data of the host. */
export async function proveEscapes({ seed, size }: { seed: number; size: number }) {
  process.env['FAIRWAY_CANARY'] = 'host-secret-7'
  Object.assign(globalThis, { fairwayCanary: 'fairway-canary' })
  const figures = { escapes: 0, rendered: 0, refused: 0, leaks: 0, polluted: 0 }
  const judge = (output: string | undefined) => {
    figures.escapes += 1
    figures[output === undefined ? 'refused' : 'rendered'] += 1
    if (output !== undefined && hostData.test(output)) figures.leaks += 1
    if (Object.keys(Object.prototype).length > 0 || ({} as { polluted?: unknown }).polluted) figures.polluted += 1
  }
  const fixed = [...escapeExpressions.map((text) => `\${{ ${text} }}`), ...escapeStatements]
  for (const place of Object.values(places)) for (const payload of fixed) judge(here(place(payload)))
  const random = fc.sample(fc.tuple(fc.constantFrom(...Object.values(places)), composition()), { seed, numRuns: size })
  for (const [place, payload] of random) judge(here(place(payload)))
  const apart = fc.sample(fc.tuple(fc.constantFrom(...Object.values(places)), composition()), {
    seed: seed + 1,
    numRuns: Math.min(40, Math.ceil(size / 50)),
  })
  for (const [place, payload] of apart) judge(await guarded(place(payload)))
  return figures
}

/** Payloads inside each other, behind filters, in arguments, loops, macros and conditions. */
function composition(): fc.Arbitrary<string> {
  const expression = fc.letrec<{ any: string; leaf: string; nested: string }>((tie) => ({
    any: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('nested')),
    leaf: fc.oneof(
      fc.constantFrom(...escapeExpressions),
      fc.constantFrom('values', 'parameters', 'range', 'cycler', 'loop', 'values.text', '[]', '{}', '"x"', '1'),
    ),
    nested: fc
      .tuple(
        tie('any'),
        tie('any'),
        fc.constantFrom('constructor', '__proto__', 'prototype', 'call', 'apply', 'toString', 'valueOf', 'callee'),
        fc.nat(9),
      )
      .map(([a, b, key, form]) => shapes[form]?.(a, b, key) ?? a),
  })).any
  const statement = fc
    .tuple(expression, expression, fc.constantFrom(...escapeStatements), fc.nat(6))
    .map(([a, b, other, form]) => frames[form]?.(a, b, other) ?? a)
  return fc.oneof(
    expression.map((text) => `\${{ ${text} }}`),
    statement,
  )
}

const shapes: readonly ((a: string, b: string, key: string) => string)[] = [
  (a, _b, key) => `(${a}).${key}`,
  (a, _b, key) => `(${a})["${key}"]`,
  (a, b) => `(${a})[${b}]`,
  (a, b) => `(${a})(${b})`,
  (a, _b, key) => `(${a}) | attr("${key}")`,
  (a, b) => `(${a}) | map(attribute=${b})`,
  (a, b) => `(${a}) if (${b}) else (${a})`,
  (a, b) => `[${a}, ${b}] | dump`,
  (a, _b, key) => `{"${key}": ${a}}.${key}`,
  (a, b) => `(${a}) ~ (${b})`,
]

const frames: readonly ((a: string, b: string, other: string) => string)[] = [
  (a, b) => `{% set x = ${a} %}\${{ x(${b}) }}`,
  (a, b) => `{% for k, v in ${a} %}\${{ k }}\${{ v }}\${{ ${b} }}{% endfor %}`,
  (a, b) => `{% if ${a} %}\${{ ${b} }}{% endif %}`,
  (a, b) => `{% macro m(a) %}\${{ a }}{% endmacro %}\${{ m(${a}) }}\${{ ${b} }}`,
  (a, _b, other) => `\${{ ${a} }}${other}`,
  (a, b, other) => `{% set y = ${a} %}${other}\${{ y[${b}] }}`,
  (a, b) => `{% set __proto__ = ${a} %}\${{ ${b} }}`,
]

function here({ files, text = 'x' }: ReturnType<Place>): string | undefined {
  return outcome(() => renderTemplateHere({ files, answers: { text }, facts }))
}

async function guarded({ files, text = 'x' }: ReturnType<Place>): Promise<string | undefined> {
  const rendering = renderTemplate({ files, answers: { text }, facts })
  const [settled] = await Promise.allSettled([rendering])
  return outcome(() => {
    if (settled.status === 'rejected') throw settled.reason
    return settled.value
  })
}

/** What was rendered, or undefined for a refusal. An error of another kind is a fault of ours. */
function outcome(render: () => unknown): string | undefined {
  try {
    return JSON.stringify(render())
  } catch (error) {
    const code = codeOf(error)
    if (code !== undefined && /^(TEMPLATE|ANSWER)_/.test(code) && !hostData.test(String(error))) return undefined
    throw error
  }
}
