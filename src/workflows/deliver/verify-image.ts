import { PlatformError } from '#errors/platform-error.ts'
import { readTree } from '#lib/git/trees.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import type { StoredImage } from '#lib/supply-chain/referrers.ts'
import { type VerifiedRelease, verifyRelease } from '#lib/supply-chain/verify-image.ts'
import { repoName } from '#model/names.ts'
import type { Release, ReleaseFile } from '#model/release.ts'
import { parseReleaseFile } from '#render/score/release-file.ts'
import type { Platform } from '../platform.ts'
import { type DeliveryPlace, serviceRepo } from './place.ts'

/** Refuses a tree unless a trusted key vouches for its image, its provenance and its SBOM, and it starts no other image. */
export async function verifyTree(
  platform: Platform,
  { place, tree }: { place: DeliveryPlace; tree: string },
): Promise<VerifiedRelease> {
  const files = await readTree({ dir: platform.objects }, tree)
  const text = files.find(({ path }) => path === 'release.yaml')?.content
  if (text === undefined)
    throw new PlatformError('PROVENANCE_MISSING', `the folder of ${place.service} has no release.yaml`, {
      hint: 'push a commit: its release writes the folder anew',
    })
  const release = parseReleaseFile(text)
  refuseOtherImages(release, files)
  return verifyReleased(platform, { ...release, service: place.service, owner: place.owner })
}

type Named = Pick<
  Release | ReleaseFile,
  'service' | 'owner' | 'commit' | 'image' | 'digest' | 'sbomDigest' | 'provenanceDigest'
>

/** Asks the artefact store whether a release is what it says. Throws the reason when it is not. */
export function verifyReleased(platform: Platform, release: Named): Promise<VerifiedRelease> {
  return verifyRelease({
    store: platform.ports.artifacts,
    image: storedImage(platform, release),
    name: release.image,
    keys: platform.signing.trusted.map(({ pem }) => pem),
    expected: {
      repository: repoName(serviceRepo(release)),
      commit: release.commit,
      sbomDigest: release.sbomDigest,
      provenanceDigest: release.provenanceDigest,
    },
  })
}

/** Where the store has an image: its name less the registry. */
export function storedImage(platform: Platform, { image, digest }: { image: string; digest: string }): StoredImage {
  const prefix = `${platform.ports.artifacts.registry}/`
  if (image.startsWith(prefix)) return { repository: image.slice(prefix.length), digest }
  throw new PlatformError('IMAGE_UNSIGNED', `${image} is not in ${platform.ports.artifacts.registry}`, {
    hint: 'only images that the platform built and signed are deployed',
  })
}

function refuseOtherImages(release: ReleaseFile, files: readonly { path: string; content: string }[]): void {
  const expected = `${release.image}@${release.digest}`
  const named = files
    .filter(({ path }) => /\.ya?ml$/.test(path) && path !== 'release.yaml')
    .flatMap(({ path, content }) => readYaml(content, { code: 'PROVENANCE_MISMATCH', file: path }))
    .flatMap(({ value }) => imagesIn(value))
  const other = named.find((image) => image !== expected)
  if (other === undefined) return
  throw new PlatformError('PROVENANCE_MISMATCH', `the manifests start ${other}, the release is ${expected}`, {
    hint: 'the delivery repository was changed past the platform; release or promote again',
  })
}

// Wherever a manifest has containers, also in kinds that are added later.
function imagesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(imagesIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    if (/containers$/i.test(key) && Array.isArray(inner))
      return inner.map((one: { image?: unknown }) => String(one?.image))
    return imagesIn(inner)
  })
}
