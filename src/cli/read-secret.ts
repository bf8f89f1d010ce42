import { PlatformError } from '#errors/platform-error.ts'
import type { Asking } from './command.ts'

/** A secret from standard input, or typed without being shown. Never an argument: those are in every process list and shell history. */
export async function readSecret(stdin: NodeJS.ReadStream, ask: Asking, question: string): Promise<string> {
  if (ask.canAsk) return required(await ask.hidden(question))
  if (stdin.isTTY) return required('') // a terminal that nobody may be asked at
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Buffer))
  // `echo` and editors end a file with a line break that nobody means
  return required(textOf(Buffer.concat(chunks)).replace(/\r?\n$/, ''))
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new PlatformError('INPUT_INVALID', 'the value is not text', {
      hint: 'encode it, as with base64, and decode it in the service',
    })
  }
}

function required(value: string): string {
  if (value !== '') return value
  throw new PlatformError('USAGE', 'there is no value', {
    hint: 'type it when asked, or: fairway secret set NAME --service shop --env dev < file',
  })
}
