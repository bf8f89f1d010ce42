import type { HashedLink, SignedHead } from './audit-chain.ts'

/** JSON with sorted keys and no spaces: RFC 8785 for flat objects of texts, whole numbers and null. */
export function canonical(value: Readonly<Record<string, string | number | null>>): string {
  return JSON.stringify(value, Object.keys(value).sort())
}

/** One line of an export or of a file of heads; what was hashed or signed stands in it byte for byte. */
export function linkLine({ hash, link }: HashedLink): string {
  return `{"hash":"${hash}","link":${canonical(link)}}`
}

export function headLine({ signature, head }: SignedHead): string {
  return `{"signature":"${signature}","head":${canonical(head)}}`
}

export function keyLine(pem: string): string {
  return JSON.stringify({ key: pem })
}
