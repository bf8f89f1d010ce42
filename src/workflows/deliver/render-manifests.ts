import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { writeTree } from '#lib/git/trees.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import { ServiceEnvironment } from '#model/environment.ts'
import type { ReleaseFile } from '#model/release.ts'
import type { Packager } from '#render/packaged/find-packager.ts'
import { renderObservability } from '#render/observability/render-observability.ts'
import { packagingOf } from '#render/packaged/packaging.ts'
import { packagedRenderer, renderPackaged } from '#render/packaged/render-packaged.ts'
import type { RenderedFile } from '#render/rendered-file.ts'
import { parseScore } from '#render/score/parse-score.ts'
import { parseServiceEnvironment } from '#render/score/parse-service-environment.ts'
import { releaseFile } from '#render/score/release-file.ts'
import { refusedObjects } from '#render/score/refused-objects.ts'
import { renderManifests, rendererVersion } from '#render/score/render-manifests.ts'
import { namespaceOf } from '#render/score/request.ts'
import { withKustomization } from '#render/yaml/kustomization.ts'
import { findRelease } from '#store/release.ts'
import { defineStep } from '../engine/step.ts'
import type { Platform } from '../platform.ts'
import { environmentOf } from '../settings.ts'
import { observabilityRequest } from './observability.ts'
import { packagedFiles } from './packaged-files.ts'
import { DeliveryPlace, serviceRepo } from './place.ts'
import { keepTree } from './run-trees.ts'

export const Rendered = z.object({
  tree: z.string(),
  version: z.string(),
  commit: z.string(),
  digest: z.string(),
  files: z.int(),
})

/** Renders a release for an environment and keeps the tree in the platform's own repository: what the gates judge is what is pushed. */
export const renderManifestsStep = defineStep({
  name: 'render-manifests',
  title: 'Render manifests',
  input: DeliveryPlace.extend({ commit: z.string(), promotedFrom: z.string().optional() }),
  output: Rendered,
  describe: ({ service, environment }) => `Manifests of ${service} for ${environment}`,
  effect: (output, { environment }) =>
    `${output.files} manifests of ${output.version} for ${environment}, tree ${output.tree.slice(0, 12)}`,
  async run({ platform, run, actor, log }, { service, owner, environment, commit, promotedFrom }) {
    const release = await findRelease(platform.db, service, { commit })
    if (!release)
      throw new PlatformError('RELEASE_UNKNOWN', `${service} has no release of commit ${commit.slice(0, 12)}`)
    const facts = { run, requestedBy: actor, ...(promotedFrom && { promotedFrom }) }
    const files = await manifestsOf(platform, { place: { service, owner, environment }, release, facts })
    for (const file of files) log(`${file.path}, ${file.content.length} bytes`)
    await admitYaml(...files.map(({ content }) => content))
    refuseForeign(files, namespaceOf(owner, environment))
    const tree = await writeTree({ dir: platform.objects }, files)
    await keepTree(platform, { run, tree, name: 'manifests' })
    return { tree, version: release.version, commit, digest: release.digest, files: files.length }
  },
})

export interface ManifestRequest {
  readonly place: DeliveryPlace
  readonly release: {
    readonly version: string
    readonly commit: string
    readonly image: string
    readonly digest: string
    readonly configDigest: string
    readonly sbomDigest?: string | undefined
    readonly provenanceDigest?: string | undefined
  }
  readonly facts: Pick<ReleaseFile, 'run' | 'requestedBy' | 'promotedFrom'>
  /** Texts of the packaging and the environment's file, when they are not in the repository yet. */
  readonly sources?: Sources
}

/** Every file of `envs/<environment>/<service>/`, release.yaml among them. The same request gives the same bytes. */
export async function manifestsOf(
  platform: Platform,
  { place, release, facts, sources }: ManifestRequest,
): Promise<{ path: string; content: string }[]> {
  const settings = await platform.settings()
  const environment = environmentOf(settings, place.environment)
  const texts = sources ?? (await readSources(platform, place, release.commit))
  await admitYaml(texts.environment, ...('score' in texts ? [texts.score] : []))
  const { otlpEndpoint } = platform.ports.delivery
  const request = {
    serviceEnvironment:
      texts.environment === undefined
        ? ServiceEnvironment.parse({})
        : parseServiceEnvironment(texts.environment, `.fairway/environments/${place.environment}.yaml`),
    environment,
    release: { service: place.service, owner: place.owner, ...release },
    platform: { urlPattern: platform.urls.pattern, ...(otlpEndpoint && { otlpEndpoint }) },
  }
  const workload =
    'score' in texts
      ? renderManifests({ ...request, score: parseScore(texts.score) })
      : await renderPackaged(texts.packager, texts.files, request)
  const record = releaseFile({
    release: { service: place.service, owner: place.owner, ...release },
    environment: place.environment,
    renderer: 'score' in texts ? rendererVersion : packagedRenderer(texts.packager),
    bundleDigest: platform.ports.policy.bundle().digest,
    ...facts,
  })
  const watched = observabilityRequest(platform, place)
  const manifests = watched ? withKustomization([...workload, ...renderObservability(watched)]) : workload
  return [...manifests, record]
}

export type Sources =
  | { readonly score: string; readonly environment: string | undefined }
  | { readonly packager: Packager; readonly files: readonly RenderedFile[]; readonly environment: string | undefined }

async function readSources(platform: Platform, place: DeliveryPlace, commit: string): Promise<Sources> {
  const repo = serviceRepo(place)
  const { files } = platform.ports.gitHost
  const packaging = packagingOf(await files.list(repo, commit))
  const [environment, texts] = await Promise.all([
    files.read(repo, commit, `.fairway/environments/${place.environment}.yaml`),
    packagedFiles(files, { repo, commit, packaging }),
  ])
  if (packaging === 'score') return { score: texts[0]?.content ?? '', environment }
  return { packager: packaging, files: texts, environment }
}

/** Kinds and namespaces outside the team's allow-list never reach the delivery repository, whatever the rules say. */
export function refuseForeign(files: readonly { path: string; content: string }[], namespace: string): void {
  const refused = refusedObjects(files, namespace)
  const [first] = refused
  if (first) throw new PlatformError('POLICY_DENIED', `${first.path}: ${first.message}`, { errors: refused })
}
