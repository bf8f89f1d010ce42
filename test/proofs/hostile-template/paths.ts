import { posix, win32 } from 'node:path'
import fc from 'fast-check'
import { checkPath, checkTree } from '#render/check-paths.ts'

const fragments = [
  '..',
  '.',
  '/',
  '//',
  '\\',
  '\\..\\',
  'a',
  'A',
  '.git',
  '.GIT',
  'git~1',
  '.gitmodules',
  '%2e%2e',
  '%2f',
  '\0',
  'C:',
  'c:\\',
  '\\\\host\\share',
  '~',
  '...',
  ' ',
  '\u200c',
  '\u2024',
  '\uff0e\uff0e',
  '\uff0f',
  'nul',
  'CON',
  'aux.txt',
  ':',
  '::$DATA',
  '*',
  '?',
  '-',
  '--',
  '\n',
  '\r',
  'é',
  'e\u0301',
  '.hg',
  'x'.repeat(300),
] // prettier-ignore

/** Random paths. `outside` counts those that were accepted although some file system would write them elsewhere. */
export function provePaths({ seed, size }: { seed: number; size: number }) {
  const figures = { paths: size, pathsAccepted: 0, outside: 0 }
  const piece = fc.oneof(fc.constantFrom(...fragments), fc.string({ unit: 'binary', maxLength: 3 }))
  const path = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''))
  for (const [one, other] of fc.sample(fc.tuple(path, path), { seed, numRuns: size })) {
    if (checkPath(one) !== undefined) continue
    figures.pathsAccepted += 1
    if (!staysInside(one)) figures.outside += 1
    if (checkTree([one, other]) === undefined && one !== other && folded(one) === folded(other)) figures.outside += 1
  }
  return figures
}

function staysInside(path: string): boolean {
  const below = posix.resolve('/root', path)
  const onWindows = win32.resolve('C:\\root', path)
  const parts = path.split('/').map((part) => folded(part).replace(/[ .]+$/, ''))
  return (
    below.startsWith('/root/') &&
    onWindows.startsWith('C:\\root\\') &&
    !parts.some((part) => part === '.git' || part === '' || /^git~\d/.test(part)) &&
    !path.includes('\0')
  )
}

function folded(path: string): string {
  return path.normalize('NFKC').toLowerCase()
}
