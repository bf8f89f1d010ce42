import { open } from 'node:fs/promises'
import { cleanLine, cutText } from '#lib/otlp/clean-text.ts'
import { structuredLine } from '#lib/otlp/structured-line.ts'
import type { LogFiles } from './log-files.ts'

const tailBytes = 16_384

/** How far an instance's output reached, to tell the words of one process from those of the one before. */
export async function outputEnds(files: LogFiles): Promise<LogEnds> {
  const [stdout, stderr] = await Promise.all([sizeOf(files.stdout), sizeOf(files.stderr)])
  return { stdout, stderr }
}
export interface LogEnds {
  readonly stdout: number
  readonly stderr: number
}

/** The line that says most about why a process ended: its last error, else the last thing it said. */
export async function lastWords(files: LogFiles, since: LogEnds): Promise<string | undefined> {
  const said = await tail(files.stderr, since.stderr)
  const logged = await tail(files.stdout, since.stdout)
  const best =
    said.findLast((line) => errorLine.test(line)) ??
    said.at(-1) ??
    logged.findLast((line) => isLoggedError(line)) ??
    logged.at(-1)
  return best === undefined ? undefined : cutText(cleanLine(plainText(best)), 300)
}

const errorLine = /^\s*(?:Uncaught |\[?)(?:[A-Z]\w*)?(?:Error|Exception)\b|^FATAL\b/
// What Node prints around an error: stack frames, its own version, the source line and brackets.
const noise = /^\s*$|^\s+at |^Node\.js v\d|^\s*[{}^\]]|^node:internal|^\s*(?:code|errno|syscall|address|port): /

async function tail(path: string, since: number): Promise<string[]> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return []
  try {
    const { size } = await file.stat()
    const from = Math.max(size - tailBytes, since > size ? 0 : since)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n')
    return lines.filter((line) => structuredLine(line) !== undefined || !noise.test(line))
  } finally {
    await file.close()
  }
}

function isLoggedError(line: string): boolean {
  const level = structuredLine(line)?.level
  return level === 'error' || level === 'fatal'
}

function plainText(line: string): string {
  const logged = structuredLine(line)
  if (!logged) return line.trim()
  const error = logged.fields['error'] ?? logged.fields['err']
  const detail = typeof error === 'object' && error !== null && !Array.isArray(error) ? error['message'] : error
  return typeof detail === 'string' && !logged.text.includes(detail) ? `${logged.text}: ${detail}` : logged.text
}

async function sizeOf(path: string): Promise<number> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return 0
  try {
    return (await file.stat()).size
  } finally {
    await file.close()
  }
}
