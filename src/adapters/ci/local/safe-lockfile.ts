import { PlatformError } from '#errors/platform-error.ts'

/**
 * The lockfile as the platform installs from it: without addresses, so that npm asks the operator's registry alone and
 * checks what it gets against the lockfile's own digests. A repository cannot make the install fetch from anywhere else.
 */
export function safeLockfile(text: string): Record<string, unknown> {
  const { name: _name, version: _version, dependencies: _legacy, ...lock } = objectOf(text, 'the lockfile')
  const packages = lock['packages']
  if (typeof packages !== 'object' || packages === null)
    throw invalid(
      'the lockfile is of version 1',
      'npm install --package-lock-only with npm 7 or newer writes a newer one',
    )
  return {
    ...lock,
    packages: Object.fromEntries(Object.entries(packages).map(([path, entry]) => [path, safe(path, entry)])),
  }
}

/** Refuses dependencies that do not come from a registry: addresses, Git repositories, folders. */
export function checkSources(parts: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(parts)) {
    if (typeof value === 'object' && value !== null) checkSources(value as Record<string, unknown>)
    else if (typeof value === 'string' && !fromRegistry.test(value)) throw elsewhere(name, value)
  }
}

// A range or tag has neither slash nor colon, and begins with no dot, as a folder does; an alias has them in one form, and overrides refer by `$name`.
const fromRegistry = /^(?:(?![.~][.\\/]|\.$)[^/:\\]*|npm:(?:@[\w.-]+\/)?[\w.-]+(?:@[^/:]*)?|\$(?:@[\w.-]+\/)?[\w.-]+)$/

function safe(path: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) throw invalid(`the lockfile's entry ${path} is no object`)
  const { resolved, ...entry } = value as Record<string, unknown>
  if (path === '') {
    const { name: _name, version: _version, ...root } = entry
    return root
  }
  const version = entry['version']
  if (entry['link'] === true || !path.startsWith('node_modules/') || path.split('/').includes('..'))
    throw elsewhere(path, 'a folder')
  if (resolved !== undefined && !isText(resolved, /^https?:\/\//)) throw elsewhere(path, JSON.stringify(resolved))
  if (entry['name'] !== undefined && !isText(entry['name'], /^(@[\w.-]+\/)?\w[\w.-]*$/))
    throw elsewhere(path, 'a folder')
  if (!isText(version, /^\d+\.\d+\.\d+[\w.+-]*$/)) throw elsewhere(path, JSON.stringify(version ?? 'nowhere'))
  return entry
}

function isText(value: unknown, form: RegExp): boolean {
  return typeof value === 'string' && form.test(value)
}

function objectOf(text: string, what: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // said below
  }
  throw invalid(`${what} is not a JSON object`)
}

function elsewhere(name: string, from: string): PlatformError {
  return invalid(
    `${name.slice(0, 100)} comes from ${from.slice(0, 100)}: packages are installed from the registry only`,
    'publish it to the registry, or copy its source into the repository',
  )
}

function invalid(message: string, hint?: string): PlatformError {
  return new PlatformError('PIPELINE_INVALID', message, { ...(hint && { hint }) })
}
