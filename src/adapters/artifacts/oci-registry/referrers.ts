import { z } from 'zod'
import { Descriptor, type Manifest } from '#lib/oci/manifest.ts'
import { serially } from './serially.ts'
import type { RegistryConnection } from './connection.ts'
import type { registryManifests } from './manifests.ts'

const Index = z.looseObject({
  schemaVersion: z.literal(2),
  manifests: z.array(Descriptor.extend({ artifactType: z.string().optional() })),
})
const indexType = 'application/vnd.oci.image.index.v1+json'

/** The tag under which a registry without the referrers API keeps them (distribution-spec 1.1, "Referrers Tag Schema"). */
export const fallbackTag = (subject: string): string => subject.replace(':', '-')

export const isFallbackTag = (tag: string): boolean => /^sha256-[0-9a-f]{64}$/.test(tag)

/**
 * What refers to an image: by the registry's own answer, or by the index that clients keep under a tag where it has
 * none. Writers of this process take turns; the specification knows no better for others.
 */
export function registryReferrers(ask: RegistryConnection, manifests: ReturnType<typeof registryManifests>) {
  const turn = serially()

  async function kept(name: string, subject: string) {
    const found = await manifests.read(name, fallbackTag(subject))
    return found ? Index.parse(JSON.parse(Buffer.from(found.bytes).toString('utf8'))).manifests : []
  }

  return {
    async list(name: string, subject: string): Promise<readonly { digest: string; artifactType: string }[]> {
      const path = `/v2/${name}/referrers/${subject}`
      const answer = await ask({ method: 'GET', path, name, access: 'pull', accept: [400, 404, 405] })
      const known = answer.status < 300 && (answer.headers.get('content-type') ?? '').startsWith(indexType)
      const listed = known ? Index.parse(await answer.json()).manifests : (await answer.body?.cancel(), [])
      const all = new Map([...listed, ...(await kept(name, subject))].map((each) => [each.digest, each]))
      return [...all.values()].map(({ digest, artifactType = '' }) => ({ digest, artifactType }))
    },
    /** Enters a manifest into the index of its subject, for a registry that did not do so itself. */
    enter: (name: string, entry: { manifest: Manifest; mediaType: string; digest: string; size: number }) =>
      turn(`${name}@${entry.manifest.subject?.digest}`, async () => {
        const { manifest, mediaType, digest, size } = entry
        if (!manifest.subject) return
        const others = (await kept(name, manifest.subject.digest)).filter((each) => each.digest !== digest)
        const artifactType = manifest.artifactType ?? manifest.config.mediaType
        const index = {
          schemaVersion: 2,
          mediaType: indexType,
          manifests: [...others, { mediaType, digest, size, artifactType }],
        }
        const bytes = Buffer.from(JSON.stringify(index))
        await manifests.put(name, fallbackTag(manifest.subject.digest), { mediaType: indexType, bytes })
      }),
  }
}
