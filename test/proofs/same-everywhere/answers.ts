import { isDeepStrictEqual } from 'node:util'
import { wordFor } from '../../../portal/ui/vocabulary.ts'
import type { Fact } from './facts.ts'
import type { Scene } from './scene.ts'

/** In what the three differ that tell one person one fact; nothing when they agree. */
export async function answersDiffer(
  scene: Scene,
  { fact, person }: { fact: Fact; person: string },
): Promise<readonly string[]> {
  const argv = typeof fact.cli === 'function' ? fact.cli(scene) : fact.cli
  const api = await scene.api(person, fact.api(scene), fact.body)
  const json = await scene.cli(person, [...argv, '--json'])
  const said = (what: string) => `${fact.name}, as ${person}: ${what}`
  if (api.code) {
    const faults =
      json.code === api.code ? [] : [said(`the API says ${api.code}, the command line ${json.code ?? json.exit}`)]
    const page = await scene.page(person, fact.page(scene), (text) => /may not/.test(text))
    return page.found ? faults : [...faults, said(`the API says ${api.code}, the page ${page.text.slice(0, 400)}`)]
  }
  if (json.code) return [said(`the command line refuses with ${json.code}`)]
  const faults: string[] = []
  const [ours, theirs] = [api.body, json.json()].map((answer) => steady(itemsOf(answer), fact.besides ?? []))
  if (!isDeepStrictEqual(ours, theirs)) faults.push(said(`JSON of the command line: ${firstDifference(ours, theirs)}`))
  const keys = fact.reads(api.body as never)
  const table = await scene.cli(person, argv)
  const unsaid = keys.filter((key) => !saysWord(`${table.stdout}\n${table.stderr}`, key))
  if (unsaid.length > 0) faults.push(said(`the command line does not say ${unsaid.join(', ')}`))
  const page = await scene.page(person, fact.page(scene), (text) => keys.every((key) => saysWord(text, key)))
  const unshown = keys.filter((key) => !saysWord(page.text, key))
  if (!page.found) faults.push(said(`the page does not show ${unshown.join(', ')}`))
  return faults
}

/** In the API's word, or in the one that the vocabulary has for it. */
function saysWord(text: string, key: string): boolean {
  const [plain, at] = [text.toLowerCase(), key.toLowerCase()]
  return plain.includes(at) || plain.includes(wordFor(key).word.toLowerCase())
}

function itemsOf(answer: unknown): unknown {
  const { items } = (answer ?? {}) as { items?: unknown }
  return items ?? answer
}

/** Without when it was read and how long that took: two questions are two moments. */
function steady(value: unknown, besides: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((one) => steady(one, besides))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => !['readAt', 'evaluatedAt', 'millis', ...besides].includes(name))
  return Object.fromEntries(kept.map(([name, one]) => [name, steady(one, besides)]))
}

function firstDifference(one: unknown, other: unknown, at = 'it'): string {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return `${at} is ${JSON.stringify(one)?.slice(0, 200)} in the API and ${JSON.stringify(other)?.slice(0, 200)} there`
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  for (const name of names) {
    const [mine, theirs] = [(one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]]
    if (!isDeepStrictEqual(mine, theirs)) return firstDifference(mine, theirs, `${at}.${name}`)
  }
  return `${at} differs`
}
