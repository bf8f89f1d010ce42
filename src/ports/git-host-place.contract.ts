import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { RepoRef } from '#model/names.ts'
import type { GitHost, GitRemote } from './git-host.ts'
import { checkout, type FileMap } from './git-host-clone.contract.ts'

/** One host under test. Each test makes its own; repositories may be shared with others, so names are unique. */
export interface GitHostUnderTest {
  readonly host: GitHost
  /** Owner (organisation or team) under which repositories are made. */
  readonly owner: string
  /** The team whose members `userRemote` knows: dev and dev2 are in it, outsider is not but may write. */
  readonly team: string
  /** How a person reaches a repository with plain git. */
  userRemote(person: 'dev' | 'dev2' | 'outsider', repo: RepoRef): GitRemote
}

export type Promised = (title: string, body: (t: TestContext, at: Place) => Promise<void>) => void

/** A host with the name of a repository of its own, and the acts that most promises begin with. */
export interface Place extends GitHostUnderTest {
  readonly repo: RepoRef
  create(): Promise<void>
  /** Commits on top of a branch and pushes it as the platform; gives the commit. */
  push(files: FileMap, options?: { branch?: string; message?: string }): Promise<string>
  propose(request: { key: string; head: string }): ReturnType<GitHost['changes']['propose']>
  merge(number: number, expectedHead: string, message?: string): ReturnType<GitHost['changes']['merge']>
  /** A repository with one commit on main and another on a branch. */
  branch(
    files: FileMap,
    name?: string,
  ): Promise<{
    branch: string
    base: string
    head: string
    propose(key: string): ReturnType<GitHost['changes']['propose']>
  }>
}

export async function place(t: TestContext, made: GitHostUnderTest): Promise<Place> {
  const repo = { owner: made.owner, name: `shop-${crypto.randomUUID().slice(0, 8)}` }
  const { changes } = made.host
  const at: Place = {
    ...made,
    repo,
    async create() {
      await made.host.repositories.create({ repo, description: '', marker: 'contract', teams: [made.team] })
    },
    async push(files, { branch = 'main', message = 'change' } = {}) {
      const clone = await checkout(t, await made.host.remote(repo), branch)
      const commit = await clone.commit(files, { message })
      const { code, output } = await clone.git('push', 'origin', `HEAD:refs/heads/${branch}`)
      assert.equal(code, 0, output)
      return commit
    },
    propose: ({ key, head }) =>
      changes.propose({ key, repo, title: 'Add a file', description: 'why', author: 'dev', head, base: 'main' }),
    merge: (number, expectedHead, message = 'Merge') =>
      changes.merge({ repo, number, expectedHead, message, mergedBy: 'fairway', authoredBy: 'dev' }),
    async branch(files, branch = 'topic') {
      if (!(await made.host.repositories.find(repo))) await at.create()
      const base = (await made.host.files.resolve(repo, 'main')) ?? (await at.push({ file: 'old' }))
      const head = await at.push(files, { branch })
      return { branch, base, head, propose: (key) => at.propose({ key, head: branch }) }
    },
  }
  return at
}
