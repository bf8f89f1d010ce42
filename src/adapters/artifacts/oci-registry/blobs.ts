import { Readable } from 'node:stream'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { checkedContent } from '#lib/oci/checked-content.ts'
import type { RegistryConnection } from './connection.ts'

const largeMs = 10 * 60_000

/** Blobs of a registry, by digest. */
export function registryBlobs(ask: RegistryConnection) {
  // Where a blob was put last: a registry can take it over from there, and a base of 100 MB travels once.
  const places = new Map<string, string>()

  const has = async (name: string, digest: string): Promise<boolean> => {
    const answer = await ask({ method: 'HEAD', path: pathOf(name, digest), name, access: 'pull', accept: [404] })
    return answer.status !== 404
  }

  async function put(name: string, digest: string, content: Uint8Array | Readable): Promise<void> {
    if (await has(name, digest)) {
      if (content instanceof Readable) content.destroy()
    } else if (!(await takenOver(name, digest, content))) await upload(name, digest, content)
    places.set(digest, name)
  }

  async function takenOver(name: string, digest: string, content: Uint8Array | Readable): Promise<boolean> {
    const from = places.get(digest)
    if (from === undefined || from === name) return false
    const path = `/v2/${name}/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}`
    const answer = await ask({ method: 'POST', path, name, access: 'pull,push', accept: [401, 403, 404] })
    await answer.body?.cancel()
    if (answer.status !== 201) return false
    if (content instanceof Readable) content.destroy()
    return true
  }

  async function upload(name: string, digest: string, content: Uint8Array | Readable): Promise<void> {
    const path = `/v2/${name}/blobs/uploads/`
    const opened = await ask({ method: 'POST', path, name, access: 'pull,push' })
    await opened.body?.cancel()
    const location = new URL(opened.headers.get('location') ?? '', `http://registry.invalid${path}`)
    location.searchParams.set('digest', digest)
    const target = location.host === 'registry.invalid' ? `${location.pathname}${location.search}` : location.href
    try {
      const answer = await ask({
        method: 'PUT',
        path: target,
        name,
        access: 'pull,push',
        headers: { 'content-type': 'application/octet-stream' },
        body: content instanceof Readable ? (Readable.toWeb(content) as ReadableStream<Uint8Array>) : content,
        accept: [400],
        timeoutMs: largeMs,
      })
      await answer.body?.cancel()
      if (answer.status !== 400) return
      throw new PlatformError('ARTIFACT_CORRUPT', `what was given to be stored is not ${digest}`)
    } catch (error) {
      // The answer was lost, not necessarily the blob: it is named by its content, so it is the same one.
      if (codeOf(error) === 'PRODUCT_UNREACHABLE' && (await has(name, digest).catch(() => false))) return
      throw error
    }
  }

  return {
    has,
    put,
    /** The stream fails at its end when the bytes are not what the digest names: act on them only after that. */
    read: (name: string, digest: string) => readBlob(ask, name, digest),
  }
}

const pathOf = (name: string, digest: string): string => `/v2/${name}/blobs/${digest}`

async function readBlob(ask: RegistryConnection, name: string, digest: string): Promise<Readable> {
  const answer = await ask({
    method: 'GET',
    path: pathOf(name, digest),
    name,
    access: 'pull',
    accept: [404],
    timeoutMs: largeMs,
  })
  if (answer.status === 404 || !answer.body) {
    await answer.body?.cancel()
    throw new PlatformError('ARTIFACT_UNKNOWN', `the registry has nothing under ${digest} in ${name}`)
  }
  const checked = checkedContent(digest, 'as the registry gives it')
  const source = Readable.fromWeb(answer.body as never)
  source.on('error', (cause) =>
    checked.destroy(new PlatformError('PRODUCT_UNREACHABLE', 'the OCI registry cut the content off', { cause })),
  )
  return source.pipe(checked)
}
