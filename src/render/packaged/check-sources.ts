import { type FieldError, PlatformError } from '#errors/platform-error.ts'
import type { RenderedFile } from '../rendered-file.ts'
import type { Packager } from './find-packager.ts'

const mostFiles = 300
const mostBytes = 1_000_000

/**
 * What a team's chart or kustomization may not hold, found before any program reads it. PACKAGING_REFUSED names every
 * place. The sandbox would stop most of it as well, but with worse words, or with an empty answer.
 */
export function checkSources(packager: Packager, files: readonly RenderedFile[]): void {
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0)
  if (files.length > mostFiles || bytes > mostBytes)
    throw new PlatformError(
      'PACKAGING_REFUSED',
      `${packager}/ is larger than ${mostFiles} files or ${mostBytes / 1_000} kB`,
    )
  const faults = files.flatMap((file) => (packager === 'helm' ? helmFaults(file) : kustomizeFaults(file)))
  const [first] = faults
  if (first) throw new PlatformError('PACKAGING_REFUSED', `${first.path}: ${first.message}`, { errors: faults })
}

function helmFaults({ path, content }: RenderedFile): FieldError[] {
  const faults: FieldError[] = []
  if (path.endsWith('.tgz'))
    faults.push({ path, message: 'a packed chart cannot be reviewed: unpack it below charts/' })
  for (const call of ['lookup', 'getHostByName']) {
    if (path.includes('/templates/') && callsOf(content, call))
      faults.push({
        path,
        message: `${call} asks what is not in the repository; a release renders the same everywhere`,
      })
  }
  return faults
}

/** Whether a template calls that function: inside its braces, as a word of its own that is no field and no text. */
function callsOf(content: string, name: string): boolean {
  return content
    .split('{{')
    .slice(1)
    .map((part) => part.split('}}')[0] ?? '')
    .some((code) =>
      code
        .replaceAll(/"[^"]*"|`[^`]*`/g, '')
        .split(/[\s()|:=,]+/)
        .includes(name),
    )
}

const forbiddenFields = [
  'helmCharts',
  'helmGlobals',
  'helmChartInflationGenerator',
  'generators',
  'transformers',
  'validators',
  'openapi',
] as const

function kustomizeFaults({ path, content }: RenderedFile): FieldError[] {
  if (!/(^|\/)kustomization\.(yaml|yml)$|(^|\/)Kustomization$/.test(path)) return []
  const lines = content.split('\n')
  const field = forbiddenFields.find((name) => lines.some((line) => line.startsWith(`${name}:`)))
  const remote = lines.find((line) => /^\s*-\s*['"]?([a-z+]+:\/\/|git@|github\.com|[^\s'"]*\?ref=)/i.test(line))
  return [
    ...(field ? [{ path, message: `${field} starts other programs or fetches from elsewhere` }] : []),
    ...(remote ? [{ path, message: `${remote.trim().slice(0, 80)} lies outside the repository: copy it in` }] : []),
  ]
}
