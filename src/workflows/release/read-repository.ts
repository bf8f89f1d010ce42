import { createHash } from 'node:crypto'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import { type Entity, type Packaging, packagingAnnotation } from '#model/entity.ts'
import { Name, type RepoRef, repoName } from '#model/names.ts'
import { versionOf } from '#model/release.ts'
import type { Files } from '#ports/git-host.ts'
import { checkSources } from '#render/packaged/check-sources.ts'
import { packagingOf } from '#render/packaged/packaging.ts'
import type { RenderedFile } from '#render/rendered-file.ts'
import { parseCatalogInfo } from '#render/score/parse-catalog-info.ts'
import { parseScore } from '#render/score/parse-score.ts'
import { replaceEntities } from '#store/entity.ts'
import { packagedFiles } from '../deliver/packaged-files.ts'
import { serviceRepo } from '../deliver/place.ts'
import { defineStep } from '../engine/step.ts'
import type { Platform } from '../platform.ts'
import { keepServiceDocs } from './keep-docs.ts'

/** Reads what the repository says of itself at a commit, refuses what is broken, and brings the catalog up to date. */
export const readRepositoryStep = defineStep({
  name: 'read-repository',
  title: 'Read repository',
  input: z.object({ service: Name, owner: Name, commit: z.string() }),
  output: z.object({
    version: z.string(),
    configDigest: z.string(),
    committedAt: z.string(),
    message: z.string(),
    author: z.string(),
  }),
  retry: { attempts: 3, waitMs: 300 },
  describe: ({ service }) => `Catalog entry of ${service} from its repository`,
  effect: ({ version }, { service }) => `${service} ${version}: the repository is valid, the catalog is up to date`,
  async run({ platform, log }, { service, owner, commit }) {
    const { files } = platform.ports.gitHost
    const repo = serviceRepo({ service, owner })
    const [info] = await files.history(repo, { ref: commit, limit: 1 })
    if (!info) throw new PlatformError('RELEASE_UNKNOWN', `${repoName(repo)} has no commit ${commit.slice(0, 12)}`)
    const packaging = packagingOf(await files.list(repo, commit))
    const texts = [
      ...(await packagedFiles(files, { repo, commit, packaging })),
      ...(await readBelow(files, { repo, commit, prefix: '.fairway/environments' })),
    ]
    if (packaging === 'score') {
      const score = texts[0]?.content ?? ''
      await admitYaml(score)
      parseScore(score)
    } else checkSources(packaging, texts)
    await registerEntities(platform, { service, owner, commit })
    log(`commit ${commit.slice(0, 12)} by ${info.author}: ${info.subject}`)
    return {
      version: versionOf(commit, info.at),
      configDigest: digestOfTexts(texts),
      committedAt: info.at,
      message: info.subject,
      author: info.author,
    }
  },
})

/** Puts the entities of a service's catalog-info.yaml into the catalog; a broken file is CATALOG_INFO_INVALID and changes nothing. */
export async function registerEntities(
  platform: Platform,
  { service, owner, commit }: { service: string; owner: string; commit: string },
): Promise<readonly Entity[]> {
  const repo = serviceRepo({ service, owner })
  const text = await platform.ports.gitHost.files.read(repo, commit, 'catalog-info.yaml')
  if (text === undefined)
    throw new PlatformError('CATALOG_INFO_INVALID', 'catalog-info.yaml is missing', {
      hint: 'add catalog-info.yaml at the top of the repository',
    })
  await admitYaml(text)
  const entities = parseCatalogInfo(text)
  refuseOtherOwners(entities, owner)
  const packaging = await packagingAt(platform, { repo, commit })
  await replaceEntities(
    platform.db,
    repoName(repo),
    entities.map((entity) => ({ entity: marked(entity, packaging), commit })),
  )
  await keepServiceDocs(platform, { service, owner, commit }).catch((error: unknown) =>
    platform.log.warn({ err: error, service }, 'the docs of a repository could not be read; the earlier pages stay'),
  )
  await platform.events.publish('catalog', repoName(repo))
  return entities
}

/** The packaging, or nothing where the repository shows none or several: the release says so, the catalog still lists it. */
async function packagingAt(
  platform: Platform,
  { repo, commit }: { repo: RepoRef; commit: string },
): Promise<Packaging | undefined> {
  try {
    return packagingOf(await platform.ports.gitHost.files.list(repo, commit))
  } catch (error) {
    if (error instanceof PlatformError) return undefined
    throw error
  }
}

/** A Component that is off the default path says so in the catalog, whatever its own file says. */
function marked(entity: Entity, packaging: Packaging | undefined): Entity {
  if (entity.kind !== 'Component') return entity
  const annotations = { ...entity.metadata.annotations }
  delete annotations[packagingAnnotation]
  if (packaging !== undefined && packaging !== 'score') annotations[packagingAnnotation] = packaging
  return { ...entity, metadata: { ...entity.metadata, annotations } }
}

/** A repository describes what its own team owns: nobody puts things under the name of another group, or of none. */
export function refuseOtherOwners(entities: readonly Entity[], owner: string): void {
  for (const { kind, metadata, spec } of entities) {
    const named = String(spec['owner'])
      .replace(/^group:/i, '')
      .replace(/^default\//i, '')
    if (named === owner) continue
    throw new PlatformError(
      'CATALOG_INFO_INVALID',
      `catalog-info.yaml: the owner of ${kind} ${metadata.name} is ${JSON.stringify(named.slice(0, 80))}, the repository is ${owner}'s`,
      { hint: `write spec.owner: ${owner}`, errors: [{ path: 'spec/owner', message: `it must be ${owner}` }] },
    )
  }
}

async function readBelow(
  files: Files,
  { repo, commit, prefix }: { repo: RepoRef; commit: string; prefix: string },
): Promise<readonly RenderedFile[]> {
  const paths = await files.list(repo, commit, prefix)
  const texts = await files.readAll(repo, commit, paths)
  return paths.map((path) => ({ path, content: texts.get(path) ?? '' }))
}

function digestOfTexts(files: readonly RenderedFile[]): string {
  const hash = createHash('sha256')
  for (const { path, content } of files) hash.update(`${path}\0${content}\0`)
  return `sha256:${hash.digest('hex')}`
}
