import { PlatformError } from '#errors/platform-error.ts'

const objectId = /^[0-9a-f]{40}$/
// oxlint-disable-next-line no-control-regex -- control characters are what this refuses
const control = /[\u0000-\u001f\u007f]/

export function isObjectId(text: string): boolean {
  return objectId.test(text)
}

/** A full ref name by the rules of `git check-ref-format`, and never longer than a file name on any system. */
export function checkRef(ref: string): string {
  if (!ref.startsWith('refs/')) throw invalid('ref', ref, 'it does not begin with refs/')
  const reason = refFault(ref)
  if (reason) throw invalid('ref', ref, reason)
  return ref
}

/** A branch name as people write it, without refs/heads/. */
export function checkBranch(branch: string): string {
  const reason = objectId.test(branch) || branch === 'HEAD' ? 'it looks like something else to Git' : refFault(branch)
  if (reason) throw invalid('branch', branch, reason)
  return branch
}

/**
 * What a caller may name a commit with: a commit id, a full ref, or a branch. The answer is never ambiguous to Git: a
 * tag named like a branch does not win.
 */
export function checkRevision(revision: string): string {
  if (objectId.test(revision) || revision === 'HEAD') return revision
  if (revision.startsWith('refs/')) return checkRef(revision)
  return `refs/heads/${checkBranch(revision)}`
}

/** A path inside a repository: relative, forward slashes, no part that could leave it or reach Git's own folder. */
export function checkPath(path: string): string {
  const reason = pathFault(path)
  if (reason) throw invalid('path', path, reason)
  return path
}

/** A folder, where the empty text means the root. */
export function checkFolder(path: string): string {
  return path === '' ? '' : checkPath(path.replace(/\/$/, ''))
}

function refFault(ref: string): string | undefined {
  if (ref === '' || ref.length > 240) return 'it is empty or longer than 240 characters'
  if (control.test(ref) || /[ ~^:?*[\\]/.test(ref)) return 'it has a character Git refuses in refs'
  if (ref.includes('..') || ref.includes('@{')) return 'it has a sequence Git refuses in refs'
  if (ref.endsWith('.') || ref.startsWith('-')) return 'it begins with a hyphen or ends with a dot'
  const bad = ref
    .split('/')
    .find(
      (part) =>
        part === '' ||
        part === '@' ||
        part.startsWith('.') ||
        part.startsWith('-') ||
        part.toLowerCase().endsWith('.lock'),
    )
  if (bad !== undefined) return 'a part of it is empty or `@`, begins with a dot or hyphen, or ends with .lock'
  return undefined
}

function pathFault(path: string): string | undefined {
  if (path === '' || Buffer.byteLength(path) > 1024) return 'it is empty or longer than 1024 bytes'
  if (control.test(path) || path.includes('\\')) return 'it has a control character or a backslash'
  if (path.startsWith('-')) return 'it begins with a hyphen'
  if (!path.isWellFormed()) return 'it is not valid Unicode'
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..') return 'a part of it is empty, `.` or `..`'
    if (isGitFolder(part)) return 'a part of it is Git’s own folder'
  }
  return undefined
}

/** Also the spellings that HFS+ and NTFS fold to `.git`. */
function isGitFolder(part: string): boolean {
  const folded = part.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '').toLowerCase()
  return /^(\.git|git~\d+)[ .]*(:.*)?$/.test(folded)
}

function invalid(what: string, text: string, reason: string): PlatformError {
  const shown = JSON.stringify(text.slice(0, 80))
  return new PlatformError('GIT_REF_INVALID', `The ${what} ${shown} cannot be used: ${reason}.`)
}
