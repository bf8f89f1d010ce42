import type { ReadStream } from 'node:tty'
import { PlatformError } from '#errors/platform-error.ts'

/** A secret from standard input, or typed without being shown. Never an argument: those are in every process list and shell history. */
export async function readSecret(
  stdin: NodeJS.ReadStream,
  prompt: { readonly words: string; readonly stderr: { write(text: string): unknown } },
): Promise<string> {
  if (stdin.isTTY) {
    prompt.stderr.write(prompt.words)
    const typed = await readHidden(stdin)
    prompt.stderr.write('\n')
    return required(typed)
  }
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

function readHidden(stdin: ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = ''
    const done = (end: () => void) => {
      stdin.setRawMode(false)
      stdin.pause()
      stdin.off('data', onData)
      end()
    }
    const onData = (chunk: Buffer | string) => {
      for (const char of chunk.toString()) {
        if (char === '\r' || char === '\n') return done(() => resolve(typed))
        if (char === '\u0003') return done(() => reject(new PlatformError('USAGE', 'nothing was set')))
        if (char === '\u007f' || char === '\b') typed = Array.from(typed).slice(0, -1).join('')
        else if (char >= ' ') typed += char
      }
    }
    stdin.setRawMode(true)
    stdin.resume()
    stdin.on('data', onData)
  })
}
