// Where this checkout lies, and the words that set-up prints: on standard error, so that answers on standard output stay clean.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
export const cache = join(root, '.cache')
export const lockFile = join(root, 'package-lock.json')
const began = Date.now()

export function say(words) {
  console.error(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${words}`)
}

export function failure(exit, message) {
  return Object.assign(new Error(message), { exit })
}

export function readText(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

export function stampOf(folder) {
  return readText(join(root, folder, '.fairway-stamp'))
}

export function digestOf(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}
