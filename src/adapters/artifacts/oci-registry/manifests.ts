import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { digestOf } from '#lib/digest.ts'
import type { RegistryConnection } from './connection.ts'

export interface StoredManifest {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

const types = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.oci.image.index.v1+json']
const largest = 4 * 1_048_576
const mostTags = 10_000

/** Manifests of a registry, by digest or tag, byte for byte. */
export function registryManifests(ask: RegistryConnection) {
  async function read(name: string, reference: string): Promise<StoredManifest | undefined> {
    const path = `/v2/${name}/manifests/${reference}`
    const headers = { accept: types.join(', ') }
    const answer = await ask({ method: 'GET', path, name, access: 'pull', headers, accept: [404] })
    if (answer.status === 404 || !answer.body) {
      await answer.body?.cancel()
      return undefined
    }
    const bytes = await bounded(answer)
    const digest = digestOf(bytes)
    const said = reference.startsWith('sha256:') ? reference : (answer.headers.get('docker-content-digest') ?? digest)
    if (said !== digest)
      throw new PlatformError('ARTIFACT_CORRUPT', `${said} is damaged as the registry gives it: it is now ${digest}`)
    return { digest, mediaType: answer.headers.get('content-type') ?? types[0] ?? '', bytes }
  }

  return {
    read,
    /** Says whether the registry itself found the manifest’s subject. ARTIFACT_UNKNOWN when it names a blob that is not there. */
    async put(name: string, reference: string, { mediaType, bytes }: { mediaType: string; bytes: Uint8Array }) {
      const answer = await ask({
        method: 'PUT',
        path: `/v2/${name}/manifests/${reference}`,
        name,
        access: 'pull,push',
        headers: { 'content-type': mediaType },
        body: bytes,
        accept: [400, 404],
      })
      const text = (await answer.text()).slice(0, 4_000)
      if (answer.status < 300) return { subject: answer.headers.get('oci-subject') !== null }
      if (/BLOB_UNKNOWN/.test(text))
        throw new PlatformError('ARTIFACT_UNKNOWN', 'the manifest names content which was never stored')
      if (/DIGEST_INVALID/.test(text))
        throw new PlatformError('ARTIFACT_CORRUPT', `the registry says that the manifest is not ${reference}`)
      throw new PlatformError('PRODUCT_FAILED', `the OCI registry takes the manifest not: ${text.slice(0, 200)}`)
    },
    /** Every tag and what it points at, in the registry’s order. */
    async tags(name: string): Promise<readonly { tag: string; digest: string }[]> {
      const tags: { tag: string; digest: string }[] = []
      for (let path: string | undefined = `/v2/${name}/tags/list?n=500`; path !== undefined; ) {
        const answer: Response = await ask({ method: 'GET', path, name, access: 'pull', accept: [404] })
        if (answer.status === 404) {
          await answer.body?.cancel()
          return tags
        }
        const list = TagList.safeParse(JSON.parse((await bounded(answer)).toString('utf8')))
        for (const tag of list.data?.tags ?? []) {
          const found = await read(name, tag)
          if (found) tags.push({ tag, digest: found.digest })
        }
        path = tags.length < mostTags ? nextPage(answer.headers.get('link')) : undefined
      }
      return tags
    },
  }
}

const TagList = z.object({ tags: z.array(z.string()).nullish() })

/** `</v2/…?last=x&n=500>; rel="next"` */
function nextPage(link: string | null): string | undefined {
  const target = /^<([^<>]{1,2000})>;\s*rel="?next"?/.exec(link ?? '')?.[1]
  return target === undefined
    ? undefined
    : new URL(target, 'http://registry.invalid').href.replace('http://registry.invalid', '')
}

async function bounded(answer: Response): Promise<Buffer> {
  const size = Number(answer.headers.get('content-length') ?? 0)
  const tooLarge = () =>
    new PlatformError('PRODUCT_FAILED', `the OCI registry answered with more than ${largest} bytes`)
  if (size > largest) throw tooLarge()
  let read = 0
  const source = Readable.fromWeb((answer.body ?? new ReadableStream()) as never)
  source.on('data', (chunk: Buffer) => {
    read += chunk.length
    if (read > largest) source.destroy(tooLarge())
  })
  return buffer(source)
}
