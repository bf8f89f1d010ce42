import { createHash } from 'node:crypto'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import type { Entity } from '#model/entity.ts'
import { Name, repoName } from '#model/names.ts'
import { versionOf } from '#model/release.ts'
import { parseCatalogInfo } from '#render/score/parse-catalog-info.ts'
import { parseScore } from '#render/score/parse-score.ts'
import { replaceEntities } from '#store/entity.ts'
import { serviceRepo } from '../deliver/place.ts'
import { defineStep } from '../engine/step.ts'
import type { Platform } from '../platform.ts'

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
  effect: ({ version }, { service }) =>
    `${service} ${version}: score.yaml and catalog-info.yaml are valid, the catalog is up to date`,
  async run({ platform, log }, { service, owner, commit }) {
    const { files } = platform.ports.gitHost
    const repo = serviceRepo({ service, owner })
    const [info] = await files.history(repo, { ref: commit, limit: 1 })
    if (!info) throw new PlatformError('RELEASE_UNKNOWN', `${repoName(repo)} has no commit ${commit.slice(0, 12)}`)
    const configPaths = ['score.yaml', ...(await files.list(repo, commit, '.fairway/environments'))]
    const texts = await Promise.all(
      configPaths.map(async (path) => ({ path, text: await files.read(repo, commit, path) })),
    )
    const score = texts[0]?.text
    if (score === undefined)
      throw new PlatformError('SCORE_INVALID', 'score.yaml is missing', {
        hint: 'add score.yaml at the top of the repository',
      })
    await admitYaml(score)
    parseScore(score)
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
  await replaceEntities(
    platform.db,
    repoName(repo),
    entities.map((entity) => ({ entity, commit })),
  )
  await platform.events.publish('catalog', repoName(repo))
  return entities
}

/** A repository describes what its own team owns: nobody puts things under the name of another group, or of none. */
function refuseOtherOwners(entities: readonly Entity[], owner: string): void {
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

function digestOfTexts(files: readonly { path: string; text: string | undefined }[]): string {
  const hash = createHash('sha256')
  for (const { path, text } of files) hash.update(`${path}\0${text ?? ''}\0`)
  return `sha256:${hash.digest('hex')}`
}
