import { isAncestor, type LoggedCommit, log, resolve, updateRef } from '#lib/git/commits.ts'
import { rawChanges } from '#lib/git/diff-trees.ts'
import { listTree, treeOf } from '#lib/git/trees.ts'
import { Name } from '#model/names.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import type { Platform } from '../platform.ts'
import { fetchDelivery } from '../deliver/open-change.ts'
import { madeByPlatform, noteWhereSignaturesBegin } from '../deliver/platform-commits.ts'

/** A part of the delivery repository that is not as the platform left it. */
export interface PastPlatform {
  /** `envs/<environment>/<service>`, or the first part of a path that is no place. */
  readonly path: string
  readonly service?: string
  readonly environment?: string
  /** The newest commit past the platform; undefined when history was rewritten instead. */
  readonly commit: LoggedCommit | undefined
  /** The delivery commit whose state of the path the platform stands for; undefined: it never put anything there. */
  readonly approved: string | undefined
  readonly main: string
}

/** The newest commit of main at which everything was as the platform left it. */
const cleanRef = 'refs/fairway/delivery/clean'

/**
 * Everything in the delivery repository that is not as the platform left it: the newest commit of a path that carries
 * the platform's signature says how it should be. A history that was rewritten is measured against what was seen before.
 */
export async function pastThePlatform(platform: Platform): Promise<readonly PastPlatform[]> {
  const repo = { dir: platform.objects }
  const main = await fetchDelivery(platform)
  const clean = await resolve(repo, cleanRef)
  if (main === clean) return []
  if (!clean) await noteWhereSignaturesBegin(platform, main)
  const found: PastPlatform[] = []
  for (const path of await changedPaths(platform, { main, clean })) {
    const one = await judge(platform, { path, main, clean })
    if (one) found.push(one)
  }
  if (found.length === 0) await updateRef(repo, { ref: cleanRef, to: main })
  return found
}

interface Judged {
  readonly path: string
  readonly main: string
  readonly clean: string | undefined
}

async function judge(platform: Platform, { path, main, clean }: Judged): Promise<PastPlatform | undefined> {
  const repo = { dir: platform.objects }
  if (!isPlain(path)) {
    const [newest] = await log(repo, { ref: main, limit: 1, firstParent: true })
    return { path, commit: newest, approved: clean, main }
  }
  const own = { ref: main, path, limit: 500, firstParent: true }
  const commits = await log(repo, clean ? { ...own, not: clean } : own)
  const made = await madeByPlatform(platform, commits)
  const isRewritten = clean !== undefined && !(await isAncestor(repo, clean, main))
  const newest = commits.find(({ commit }) => made.has(commit))?.commit
  const approved = newest ?? clean
  if (approved && (await objectAt(platform, main, path)) === (await objectAt(platform, approved, path)))
    return undefined
  const past = commits.find(({ commit }) => !made.has(commit))
  if (!past && !isRewritten) return undefined
  return { path, ...placeOf(path), commit: past, approved, main }
}

/** What lies at a path: a tree or a blob. */
async function objectAt(platform: Platform, commit: string, path: string): Promise<string | undefined> {
  const repo = { dir: platform.objects }
  const tree = await treeOf(repo, commit, path)
  return tree ?? (await listTree(repo, commit, path)).map(({ id, mode }) => `${mode} ${id}`)[0]
}

async function changedPaths(platform: Platform, { main, clean }: Omit<Judged, 'path'>): Promise<readonly string[]> {
  const repo = { dir: platform.objects }
  const files = clean ? await rawChanges(repo, { from: clean, to: main }) : await listTree(repo, main)
  return [...new Set(files.map(({ path }) => partOf(path)))].toSorted()
}

/** The folder of a place, or the first part of any other path. */
function partOf(path: string): string {
  const [top = '', environment = '', service = '', ...rest] = path.split('/')
  const isPlace = top === 'envs' && rest.length > 0 && [environment, service].every((name) => isName(name))
  return isPlace ? deliveryPlace(service, environment) : top === 'envs' ? path : top
}

function placeOf(path: string): { service?: string; environment?: string } {
  const [top, environment, service, ...rest] = path.split('/')
  const isPlace = top === 'envs' && rest.length === 0 && isName(environment) && isName(service)
  return isPlace && environment && service ? { environment, service } : {}
}

/** The platform writes plain names only; what has another one is never its own. */
function isPlain(path: string): boolean {
  return /^[\w.-]+(\/[\w.-]+)*$/.test(path) && !/(^|\/)(-|\.)/.test(path)
}

function isName(text: string | undefined): boolean {
  return Name.safeParse(text).success
}
