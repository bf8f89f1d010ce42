import { createHash } from 'node:crypto'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { attestImage } from '#lib/supply-chain/attest.ts'
import { sbomOf } from '#lib/supply-chain/cyclonedx.ts'
import { type ImageContents, imageContents } from '#lib/supply-chain/image-contents.ts'
import { shortKeyId } from '#lib/supply-chain/image-key.ts'
import { lockedPackages } from '#lib/supply-chain/npm-packages.ts'
import { type BuildFacts, provenanceOf } from '#lib/supply-chain/provenance.ts'
import { Name, repoName } from '#model/names.ts'
import { findService } from '#store/service.ts'
import { serviceRepo } from '../deliver/place.ts'
import { storedImage } from '../deliver/verify-image.ts'
import { defineStep, stays } from '../engine/step.ts'
import type { Platform } from '../platform.ts'
import { BuildOutput } from './build.ts'

const AttestInput = z.object({
  service: Name,
  owner: Name,
  commit: z.string(),
  version: z.string(),
  image: z.string(),
  digest: z.string(),
  output: BuildOutput,
  /** What the pipeline said it did. */
  steps: z.array(z.object({ name: z.string(), seconds: z.number() })),
})
type AttestInput = z.output<typeof AttestInput>

/** Writes down what the image holds and where it came from, and signs both: facts the control plane read itself. */
export const attestImageStep = defineStep({
  name: 'attest-image',
  title: 'Sign image',
  input: AttestInput,
  output: z.object({
    sbomDigest: z.string(),
    provenanceDigest: z.string(),
    signatureDigest: z.string(),
    signedBy: z.string(),
    packages: z.int(),
  }),
  retry: { attempts: 3, waitMs: 500 },
  seconds: 300,
  external: true,
  describe: ({ service }) => `Bill of materials, provenance and signature for the image of ${service}`,
  effect: ({ signedBy, packages, provenanceDigest }) =>
    `Signed by ${shortKeyId(signedBy)}; ${packages} packages listed, provenance ${provenanceDigest.slice(7, 19)}`,
  async run({ platform, run }, input) {
    const { artifacts } = platform.ports
    const image = storedImage(platform, input)
    const contents = await imageContents(artifacts, image)
    refuseForeign(contents, input)
    const { facts, locked } = await readFacts(platform, { input, contents, run })
    const subject = { name: input.image, digest: input.digest }
    const tool = { name: 'fairway', version: platform.signing.builder.version }
    const { service, version } = input
    const sbom = sbomOf({ subject, service, version, contents, locked, tool })
    const attested = await attestImage({
      store: artifacts,
      image,
      name: input.image,
      key: platform.signing.key,
      created: contents.created,
      sbom,
      provenance: (sbomDigest) => provenanceOf({ ...facts, sbom: sbomDigest }),
    })
    const names = new Set([...contents.packages, ...locked].map((one) => `${one.name}@${one.version}`))
    return { ...attested, signedBy: platform.signing.key.id, packages: names.size }
  },
  undo: stays('what vouches for an image stays with it: it says what was built, and nothing runs by it alone'),
})

// The step before wrote the labels; an image that says another commit was put there by somebody else.
function refuseForeign({ labels }: ImageContents, { commit, image }: AttestInput): void {
  if (labels['org.opencontainers.image.revision'] === commit) return
  throw new PlatformError('PROVENANCE_MISMATCH', `the image in ${image} does not say that it is of ${commit}`, {
    hint: 'the artefact store was changed behind the platform; see who wrote it, then push a commit',
  })
}

interface FactRequest {
  readonly input: AttestInput
  readonly contents: ImageContents
  readonly run: string
}

async function readFacts(platform: Platform, { input, contents, run }: FactRequest) {
  const { gitHost } = platform.ports
  const repo = serviceRepo(input)
  const read = (path: string) => gitHost.files.read(repo, input.commit, path)
  const pipeline = { path: '.fairway/pipeline.yaml', text: (await read('.fairway/pipeline.yaml')) ?? '' }
  const lock = { path: 'package-lock.json', text: await read('package-lock.json') }
  const made = await findService(platform.db, input.service)
  const { baseLayer, base } = contents
  const facts: Omit<BuildFacts, 'sbom'> = {
    source: gitHost.cloneUrl(repo),
    repository: repoName(repo),
    commit: input.commit,
    pipeline: { path: pipeline.path, sha256: sha256(pipeline.text) },
    lockfile: lock.text === undefined ? undefined : { path: lock.path, sha256: sha256(lock.text) },
    goldenPath: made ? `${made.template}@${made.templateVersion}` : 'unknown',
    output: input.output.digest,
    baseLayer: baseLayer && { name: base, digest: baseLayer.digest },
    run,
    builder: platform.signing.builder,
    claims: input.steps,
  }
  return { facts, locked: lock.text === undefined ? [] : lockedPackages(lock.text) }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
