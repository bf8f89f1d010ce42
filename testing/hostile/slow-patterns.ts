/** Patterns that a backtracking engine follows for ever, each with the piece of a text that makes it. */
export const slowPatterns: readonly (readonly [pattern: string, piece: string])[] = [
  ['^(a+)+$', 'a'],
  ['^([a-z]+)*$', 'a'],
  ['^(a|aa)+$', 'a'],
  ['^(a|a?)+$', 'a'],
  ['(.*a){12}$', 'a'],
  ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'],
  ['^(?:[a-z0-9]+-?)*$', 'a-'],
  ['(x+x+)+y', 'x'],
  ['^(\\w+\\s?)*$', 'a '],
  ['^([^@]+@?)+#$', 'a@'],
]
