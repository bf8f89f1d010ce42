/** The bytes of one file of a tar archive, by its exact name; undefined when it is not in there. */
export function fileInTar(tar: Uint8Array, name: string): Uint8Array | undefined {
  const text = new TextDecoder()
  for (let at = 0; at + 512 <= tar.length; ) {
    const field = (from: number, to: number) => text.decode(tar.subarray(at + from, at + to)).replace(/\0.*$/s, '')
    const size = Number.parseInt(field(124, 136).trim() || '0', 8)
    if (field(0, 100) === name) return tar.slice(at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
  }
  return undefined
}
