import { guardedThread, type Refused } from '../guarded-thread.ts'
import type { ParsedMarkdown } from './parse-markdown.ts'

const thread = guardedThread<ParsedMarkdown>(new URL('./markdown-thread.ts', import.meta.url))

/** A page of Markdown as data, read in a guarded thread; or why it is refused. */
export function readMarkdown(text: string): Promise<ParsedMarkdown | Refused> {
  return thread.run(text)
}
