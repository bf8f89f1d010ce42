import ts from 'typescript'
import { type CheckedFile, parse, type Violation } from './checkout.ts'

/** No file exists only to pass on what others export. */
export function barrelFiles(files: readonly CheckedFile[]): Violation[] {
  return files
    .filter(({ path }) => /\.tsx?$/.test(path))
    .flatMap((file) => {
      const { statements } = parse(file)
      const isBarrel = statements.length > 0 && statements.every(passesOn) && statements.flatMap(namesIn).length > 1
      return isBarrel ? [{ path: file.path, message: 'only passes on exports; import from the files themselves' }] : []
    })
}

function passesOn(one: ts.Statement): boolean {
  return ts.isExportDeclaration(one) && one.moduleSpecifier !== undefined
}

// One name is a doorway between two rooms; a star or a list is a barrel.
function namesIn(one: ts.Statement): readonly unknown[] {
  const clause = ts.isExportDeclaration(one) ? one.exportClause : undefined
  return clause && ts.isNamedExports(clause) ? clause.elements : ['*', '*']
}

/** A file is named after what it does; a drawer for everything else grows without end. */
export function drawerNames(files: readonly CheckedFile[]): Violation[] {
  const drawer = /(^|\/)(utils?|helpers?|common|misc)(\/|\.[a-z.]+$)/
  return files.filter(({ path }) => drawer.test(path)).map(({ path }) => ({ path, message: 'is named after nothing' }))
}

/** What is left to do has an issue: `TO` + `DO(#12)`. */
export function openEnds(files: readonly CheckedFile[]): Violation[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((words, index) => {
      const found = /\b(?:TODO|FIXME|XXX)\b(?!\(#\d+\))/.exec(words)
      const isComment = found && /(\/\/|\/\*|^\s*\*|#)/.test(words.slice(0, found.index))
      return isComment ? [{ path, line: index + 1, message: `${found[0]} without an issue number` }] : []
    }),
  )
}

/** Nothing that is true on one machine only: home folders, scratch folders, registries. */
export function machinePlaces(files: readonly CheckedFile[]): Violation[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((words, index) => {
      const found = machinePlace.exec(words)
      return found ? [{ path, line: index + 1, message: `names ${found[0]}, which is true on one machine only` }] : []
    }),
  )
}

const hosts = ['registry\\.npmjs\\.org', 'registry\\.yarnpkg\\.com', 'npmmirror\\.com', 'proxy\\.golang\\.org']
const folders = ['/work/(?:main|shared)', '/root/[\\w.]', '/home/[a-z]+/', '/Users/[A-Za-z]+/', '/tmp/w/']
const machinePlace = new RegExp(`${hosts.join('|')}|"resolved": "[a-z]+:|(?<![\\w.-])(?:${folders.join('|')})`)
