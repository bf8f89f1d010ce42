/** Why a path may not be written into a repository or folder; undefined when it is safe on every file system we know (T10). */
export function checkPath(path: string): string | undefined {
  if (path.length === 0 || path.length > 1024) return 'a path has 1 to 1024 characters'
  for (const segment of path.split('/')) {
    const reason = checkSegment(segment)
    if (reason) return reason
  }
  return undefined
}

/** The first fault of a whole tree: an unsafe path, the same path twice, or two that a case-insensitive file system takes for one. */
export function checkTree(paths: readonly string[]): { path: string; reason: string } | undefined {
  const files = new Set<string>()
  const spellings = new Map<string, string>()
  for (const path of paths) {
    const reason = checkPath(path) ?? (files.has(path) ? 'the path occurs twice' : undefined)
    if (reason) return { path, reason }
    files.add(path)
    for (const prefix of prefixesOf(path)) {
      const known = spellings.get(prefix.toLowerCase())
      if (known && known !== prefix) return { path, reason: `it differs from ${known} only in upper and lower case` }
      spellings.set(prefix.toLowerCase(), prefix)
    }
  }
  return paths.flatMap((path) => asFolder(path, files)).at(0)
}

// An allow-list: control characters, backslash, colon, percent, tilde and everything outside ASCII have
// a special meaning on some file system or in some tool, and no golden path needs them.
function checkSegment(segment: string): string | undefined {
  if (segment === '') return 'it is absolute or has an empty part'
  if (segment.length > 255) return 'a part is longer than 255 characters'
  if (segment === '.' || segment === '..') return 'it has a part . or ..'
  if (!/^[A-Za-z0-9_@+=,()[\]. -]+$/.test(segment)) return 'it has characters outside letters, digits and _@+=,()[]. -'
  if (/^ |[ .]$/.test(segment)) return 'a part begins with a space or ends with a space or dot'
  if (/^\.git(modules)?$/i.test(segment)) return 'Git keeps .git and .gitmodules for itself'
  if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(segment)) return 'Windows keeps that name for a device'
  return undefined
}

function prefixesOf(path: string): string[] {
  const segments = path.split('/')
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'))
}

function asFolder(path: string, files: ReadonlySet<string>): { path: string; reason: string }[] {
  const file = prefixesOf(path).find((prefix) => prefix !== path && files.has(prefix))
  return file === undefined ? [] : [{ path, reason: `${file} is a file and a folder` }]
}
