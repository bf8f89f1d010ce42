import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { commitTree } from '#lib/git/commits.ts'
import { pushRefs } from '#lib/git/remote.ts'
import { writeTree } from '#lib/git/trees.ts'
import { auditBranch } from '#model/audit-chain.ts'
import { recordsBranch } from '#model/rebuild.ts'
import { deliveryRepo, platformRepo, type RepoRef } from '#model/names.ts'
import type { GitHost } from '#ports/git-host.ts'
import type { Platform } from '#workflows/platform.ts'
import { platformAuthor } from '#workflows/deliver/author.ts'

const checkout = join(import.meta.dirname, '../..')
/** One fixed time, so that two starts that race make the same first commit. */
const seedTime = '2026-01-01T00:00:00Z'

/** What a first start decides of the platform repository. */
export interface FirstSettings {
  /** The text of its fairway.yaml; the shipped one when left out. */
  readonly startFile?: string | undefined
  /** Where images are published, which every environment allows at first. */
  readonly registry?: string
}

const embeddedRegistry = 'fairway.local'

/** Makes the platform repository and the delivery repository on the first start; from then on they are the truth and are left alone. */
export async function seedRepositories(
  gitHost: GitHost,
  { objects, signer }: Pick<Platform, 'objects' | 'signer'>,
  first: FirstSettings = {},
): Promise<boolean> {
  const seeded = await seedRepository(gitHost, {
    repo: platformRepo,
    objects,
    signer,
    description: 'Settings, golden paths, rules and people of this platform',
    files: () => shippedFiles(first),
    message: 'Begin with what the product ships',
  })
  await gitHost.repositories.protect(platformRepo, {
    pushBy: 'change',
    teams: ['platform', 'security'],
    closed: [auditBranch],
    refusal:
      'the platform repository takes reviewed changes only: push a branch, then: fairway change open --repo fairway/platform --branch NAME',
  })
  await seedRepository(gitHost, {
    repo: deliveryRepo,
    objects,
    signer,
    description: 'What should run where; written by the platform only',
    files: async () => [deliveryReadme],
    message: 'Begin the delivery repository',
  })
  await gitHost.repositories.protect(deliveryRepo, {
    pushBy: 'platform',
    teams: [],
    closed: [recordsBranch],
    refusal: 'only the platform writes here: fairway promote, fairway rollback',
  })
  return seeded
}

type TreeFiles = { path: string; content: string }[]

async function seedRepository(
  gitHost: GitHost,
  {
    repo,
    objects,
    signer,
    description,
    files,
    message,
  }: Pick<Platform, 'objects' | 'signer'> & {
    repo: RepoRef
    description: string
    files: () => Promise<TreeFiles>
    message: string
  },
): Promise<boolean> {
  await gitHost.repositories.create({ repo, description, marker: 'seed', teams: [] })
  if (await gitHost.files.resolve(repo, 'refs/heads/main')) return false
  const tree = await writeTree({ dir: objects }, await files())
  const commit = await commitTree(
    { dir: objects },
    { tree, parents: [], message, author: platformAuthor, at: seedTime, signer },
  )
  await pushRefs({ dir: objects }, await gitHost.remote(repo), [{ commit, to: 'refs/heads/main', expect: 'absent' }])
  return true
}

/** Everything the product ships for the platform repository, read as text, with the fairway.yaml that this start names; generated binaries stay out. */
async function shippedFiles({ startFile, registry = embeddedRegistry }: FirstSettings): Promise<TreeFiles> {
  const folders = await Promise.all(
    ['templates', 'policies', 'environments', 'org'].map((folder) => filesBelow(folder)),
  )
  const content = startFile ?? (await readFile(join(checkout, 'seed/fairway.yaml'), 'utf8'))
  const named = folders.flat().map(({ path, content: text }) => ({
    path,
    content: path.startsWith('environments/') ? text.replaceAll(embeddedRegistry, registry) : text,
  }))
  return [{ path: 'fairway.yaml', content }, ...named]
}

async function filesBelow(folder: string): Promise<TreeFiles> {
  const entries = await readdir(join(checkout, folder), { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      posix.join(
        entry.parentPath
          .slice(checkout.length + 1)
          .split('\\')
          .join('/'),
        entry.name,
      ),
    )
  const wanted = paths.filter((path) => !/(^|\/)node_modules\/|\.wasm$|^policies\/bundle\.json$/.test(path)).toSorted()
  return Promise.all(wanted.map(async (path) => ({ path, content: await readFile(join(checkout, path), 'utf8') })))
}

const deliveryReadme = {
  path: 'README.md',
  content:
    '# Delivery\n\nRendered manifests of every service, one folder per environment and service: `envs/<environment>/<service>/`.\nOnly the platform writes here; Argo CD, Flux or the embedded agent reads. Each commit names its run, change request,\nrelease, requester and approvers in trailers.\n',
}
