import { randomBytes } from 'node:crypto'
import { signingKey } from '#lib/signing-key.ts'
import { AuditLink, SignedHead } from '#model/audit-chain.ts'
import { canonical, headLine, keyLine, linkLine } from '#model/audit-lines.ts'
import { hashOf, noHash } from '#store/audit-chain.ts'
import { type Draw, drawer } from './draw.ts'
import type { Fault } from './export.ts'

export interface ExportTampering {
  readonly kind: string
  readonly lines: readonly string[]
  readonly touches: (fault: Fault) => boolean
}

interface Export {
  readonly draw: Draw
  /** Lines of links; the one at index 0 is position 1. */
  readonly links: readonly string[]
  readonly heads: readonly string[]
}

type Kind = (given: Export) => { links?: readonly string[]; heads?: readonly string[]; at: readonly number[] }

/** One random tampering with the file that an auditor gets. */
export function tamperWithExport(lines: readonly string[], seed: number): ExportTampering {
  const links = lines.filter((line) => line.startsWith('{"hash"'))
  const heads = lines.filter((line) => line.startsWith('{"signature"'))
  const draw = drawer(seed)
  const [kind, tamper] = draw.from(Object.entries(tamperings))
  const made = tamper({ draw, links, heads })
  return {
    kind,
    lines: [...(made.links ?? links), ...(made.heads ?? heads)],
    touches: ({ position }) => position !== undefined && made.at.includes(position),
  }
}

const tamperings: Readonly<Record<string, Kind>> = {
  'edit a field'({ draw, links }) {
    const index = draw.below(links.length)
    return { links: links.with(index, edited(links[index], draw, { rehash: false })), at: [index + 1] }
  },
  'edit a field and hash it anew'({ draw, links }) {
    const index = draw.below(links.length)
    return { links: links.with(index, edited(links[index], draw, { rehash: true })), at: [index + 1, index + 2] }
  },
  'edit one character'({ draw, links }) {
    const index = draw.below(links.length)
    const line = links[index] ?? ''
    const place = draw.below(line.length)
    const other = line[place] === 'x' ? 'y' : 'x'
    const changed = line.slice(0, place) + other + line.slice(place + 1)
    return { links: links.with(index, changed), at: [index + 1, index + 2, positionIn(changed)] }
  },
  'add a space'({ draw, links }) {
    const index = draw.below(links.length)
    return { links: links.with(index, links[index]?.replace('"link":{', '"link":{ ') ?? ''), at: [index + 1] }
  },
  'delete a line'({ draw, links }) {
    const index = draw.below(links.length)
    return { links: links.toSpliced(index, 1), at: [index + 1, index + 2] }
  },
  'repeat a line'({ draw, links }) {
    const index = draw.below(links.length)
    return { links: links.toSpliced(index, 0, links[index] ?? ''), at: [index + 1] }
  },
  'insert a line of something else'({ draw, links }) {
    const index = draw.below(links.length)
    return { links: links.toSpliced(index, 0, draw.from(['{}', 'x', '{"hash":""}'])), at: [index + 1] }
  },
  'swap two lines'({ draw, links }) {
    const [one, other] = draw.pair(links.length)
    const swapped = links.with(one, links[other] ?? '').with(other, links[one] ?? '')
    return { links: swapped, at: [one + 1, other + 1] }
  },
  'cut the tail'({ draw, links, heads }) {
    const kept = links.length - 1 - draw.below(20)
    const left = heads.filter((line) => SignedHead.parse(JSON.parse(line)).head.position <= kept)
    return { links: links.slice(0, kept), heads: draw.chance(0.5) ? left : heads, at: [kept + 1] }
  },
  'link and sign everything anew with another key'({ draw, links, heads }) {
    const from = draw.below(links.length)
    const key = signingKey(randomBytes(32).toString('base64url'))
    const rebuilt = rebuild(links, from)
    const resigned = heads.map((line) => {
      const { head } = SignedHead.parse(JSON.parse(line))
      const forged = { ...head, hash: rebuilt[head.position - 1]?.slice(9, 73) ?? '', key: key.fingerprint }
      return headLine({ head: forged, signature: key.sign(canonical(forged)) })
    })
    const signed = heads.map((line) => SignedHead.parse(JSON.parse(line)).head.position)
    return { links: [keyLine(key.pem), ...rebuilt], heads: resigned, at: signed.filter((position) => position > from) }
  },
  'change a head'({ draw, heads }) {
    const index = draw.below(heads.length)
    const { head, signature } = SignedHead.parse(JSON.parse(heads[index] ?? ''))
    const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    const changed = draw.from([
      { head: { ...head, hash: noHash }, signature },
      { head: { ...head, at: '2020-01-01T00:00:00.000Z' }, signature },
      { head: { ...head, count: head.count + 1 }, signature },
      { head: { ...head, position: head.position + 1 }, signature },
      { head, signature: other },
    ])
    return { heads: heads.with(index, headLine(changed)), at: [head.position, head.position + 1] }
  },
  'delete a head'({ draw, heads }) {
    const index = draw.below(heads.length - 1)
    return {
      heads: heads.toSpliced(index, 1),
      at: [SignedHead.parse(JSON.parse(heads[index + 1] ?? '')).head.position],
    }
  },
}

function edited(line: string | undefined, draw: Draw, { rehash }: { rehash: boolean }): string {
  const { hash, link } = read(line)
  const field = draw.from([
    'actor',
    'onBehalfOf',
    'action',
    'object',
    'at',
    'linkedAt',
    'run',
    'commit',
    'detail',
  ] as const)
  const changed = { ...link, [field]: `${link[field] ?? ''}x` }
  return linkLine({ hash: rehash ? hashOf(changed) : hash, link: changed })
}

function rebuild(links: readonly string[], from: number): string[] {
  let previous = from === 0 ? noHash : read(links[from - 1]).hash
  return links.map((line, index) => {
    if (index < from) return line
    const { link } = read(line)
    const changed = { ...link, previous, ...(index === from && { actor: 'nobody' }) }
    previous = hashOf(changed)
    return linkLine({ hash: previous, link: changed })
  })
}

function read(line: string | undefined): { hash: string; link: AuditLink } {
  const { hash, link } = JSON.parse(line ?? '') as { hash: string; link: unknown }
  return { hash, link: AuditLink.parse(link) }
}

/** An edited character may be a digit's place: then the line claims another position. */
function positionIn(line: string): number {
  return Number(/"position":(\d+)/.exec(line)?.[1] ?? 0)
}
