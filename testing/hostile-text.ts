import fc from 'fast-check'

const fragments = [
  '"',
  "'",
  '`',
  '\\',
  '\\n',
  '\\u0041',
  '\n',
  '\r',
  '\t',
  ' ',
  ': ',
  ' #',
  '#',
  '- ',
  '? ',
  '---',
  '...',
  '&a',
  '*a',
  '!!js',
  '|',
  '>',
  '%',
  '@',
  '{',
  '}',
  '[',
  ']',
  ',',
  '${',
  '${{',
  '{{',
  '{%',
  '}}',
  '$(',
  '$$',
  '${metadata.name}',
  '${resources.x.y}',
  '</script>',
  '<!--',
  '-->',
  '*/',
  '//',
  '; rm -rf /',
  '\0',
  '\u2028',
  '\u0085',
  '\ufeff',
  '\u202e',
  '\ud800',
  '日本',
  '🎉',
  'é',
  'null',
  'true',
  'yes',
  'no',
  'on',
  '~',
  '012',
  '1:30',
  '1e3',
  '0x1f',
  '.inf',
  '=',
  '<<',
  '__proto__',
  'constructor',
  '../',
  '$&',
  '$1',
  "$'",
]

/** Text that readers of YAML, JSON, shells, templates and Score could take for something else. */
export function hostileText(): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...fragments) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
    { weight: 1, arbitrary: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z]$/) },
  )
  return fc.oneof(
    fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join('')),
    piece,
  )
}

/**
 * Where two sets of parsed files differ in any other way than by one answer: every changed text must be the old one
 * with `before` replaced by `after`, whole. Empty when the answer stayed inside its field everywhere.
 */
export function answersThatDiffer(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
  answer: { before: string; after: string },
): string[] {
  const paths = new Set([...before.keys(), ...after.keys()])
  return [...paths].flatMap((path) => {
    const renamed = answer.before === '' ? path : path.replace(answer.before, () => answer.after)
    if (!before.has(path)) return []
    return differences(before.get(path), after.get(path) ?? after.get(renamed), { ...answer, at: path })
  })
}

function differences(was: unknown, is: unknown, answer: { before: string; after: string; at: string }): string[] {
  if (typeof was === 'string' && typeof is === 'string') {
    const replaced = answer.before === '' ? answer.after : was.replaceAll(answer.before, () => answer.after)
    return is === was || is === replaced
      ? []
      : [`${answer.at}: ${JSON.stringify(is)} is not ${JSON.stringify(replaced)}`]
  }
  if (typeof was !== 'object' || typeof is !== 'object' || was === null || is === null) {
    return Object.is(was, is) ? [] : [`${answer.at}: ${JSON.stringify(was)} became ${JSON.stringify(is)}`]
  }
  const keys = new Set([...Object.keys(was), ...Object.keys(is)])
  return [...keys].flatMap((key) =>
    differences((was as Record<string, unknown>)[key], (is as Record<string, unknown>)[key], {
      ...answer,
      at: `${answer.at}/${key}`,
    }),
  )
}
