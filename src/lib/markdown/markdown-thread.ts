/** The thread that reads Markdown: texts in, outcomes out, one after the other (see read-markdown.ts). */
import { parentPort } from 'node:worker_threads'
import { parseMarkdown } from './parse-markdown.ts'

parentPort?.on('message', (text: string) => {
  try {
    parentPort?.postMessage(parseMarkdown(text))
  } catch (error) {
    parentPort?.postMessage({ refused: error instanceof Error ? error.message : 'it could not be read' })
  }
})
parentPort?.postMessage('ready')
