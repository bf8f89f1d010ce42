import type { Approval, Check, FileDiff, HostChange } from '#model/change-request.ts'
import type { RepoRef } from '#model/names.ts'

/**
 * A place that keeps repositories and takes change requests. Contents travel by Git itself: `remote` says where to
 * fetch and push as the platform; everything else is asked here. Every write is safe to repeat with the same `key`.
 */
export interface GitHost {
  /** What this host can do. The core reads these flags; it never compares product names. */
  readonly can: {
    readonly pushEvents: boolean
    readonly archive: boolean
    /** A refused pusher reads the rule's own `refusal`; else the host's words, and the portal has the line to use. */
    readonly ownRefusals: boolean
  }
  readonly repositories: Repositories
  readonly files: Files
  readonly changes: Changes
  /** Where the platform itself fetches from and pushes to, with its own credential. */
  remote(repo: RepoRef): Promise<GitRemote>
  /** Where others fetch what the platform wrote, with a credential that reads; absent where the host hands none out. */
  readRemote?(repo: RepoRef): Promise<GitRemote>
  /** The address people clone from. It never holds a credential. */
  cloneUrl(repo: RepoRef): string
  /** Makes what this adapter keeps of the host in our database anew; one that keeps nothing has nothing to do. */
  rebuildIndex(): Promise<void>
  /** Calls back after a push or a change request's change. Hints only: read again before acting. Returns the unsubscribe. */
  onEvent(listener: (event: GitHostEvent) => void): () => void
}

export interface GitRemote {
  readonly url: string
  readonly username: string
  readonly password: string
  /** Set only by an adapter that serves on this machine: plain http to a literal loopback address is then allowed. */
  readonly loopback?: boolean
}

export interface Repository {
  readonly repo: RepoRef
  readonly description: string
  readonly defaultBranch: string
  /** The run that created it, or undefined for a repository the platform did not make. */
  readonly marker: string | undefined
  readonly archived: boolean
  readonly createdAt: string
}

/** What may reach the default branch. `refusal` is told to the pusher, with the line to use instead. */
export interface BranchRule {
  /** `team`: fast-forward pushes by members of `teams`. `platform`: only the platform. `change`: nobody pushes, changes are merged. */
  readonly pushBy: 'team' | 'platform' | 'change'
  readonly teams: readonly string[]
  readonly refusal?: string
  /** Branches besides the default one that only the platform moves, and only forward. */
  readonly closed?: readonly string[]
}

export interface Repositories {
  /** A repository of that name with the same marker is adopted; any other is NAME_TAKEN and stays untouched. */
  create(request: { repo: RepoRef; description: string; marker: string; teams: readonly string[] }): Promise<Repository>
  find(repo: RepoRef): Promise<Repository | undefined>
  list(): Promise<readonly Repository[]>
  /** PUT semantics: the rule afterwards is this one. Force pushes and deletion of the default branch are always refused. */
  protect(repo: RepoRef, rule: BranchRule): Promise<void>
  /** Read-only from now on and free of its name; archiving an archived or absent repository changes nothing. */
  archive(repo: RepoRef, reason: string): Promise<void>
  /** What is archived and not deleted yet, oldest first. */
  archived(): Promise<readonly ArchivedRepository[]>
  /** Deletes an archived repository for good; one that is gone is no error. */
  purge(id: string): Promise<void>
}

export interface ArchivedRepository {
  /** Names it among the archived: a name may be archived more than once. */
  readonly id: string
  readonly repo: RepoRef
  /** The run that created it. */
  readonly marker: string | undefined
  readonly at: string
  readonly reason: string
}

export interface CommitInfo {
  readonly commit: string
  readonly parents: readonly string[]
  readonly author: string
  readonly authorEmail: string
  readonly at: string
  readonly subject: string
  readonly body: string
  /** Git trailers of the message, keys as written, in order. */
  readonly trailers: readonly (readonly [key: string, value: string])[]
  /** Paths changed against the first parent, when they were asked for. */
  readonly files?: readonly string[]
}

/** Reading. `ref` is a branch, a full ref or a commit id; an unknown one gives undefined or an empty list. */
export interface Files {
  resolve(repo: RepoRef, ref: string): Promise<string | undefined>
  read(repo: RepoRef, ref: string, path: string): Promise<string | undefined>
  /** The same for many files at once; absent ones are left out. */
  readAll(repo: RepoRef, ref: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Paths of all files under `prefix` (empty: all), sorted. */
  list(repo: RepoRef, ref: string, prefix?: string): Promise<readonly string[]>
  /**
   * Newest first; only commits that touch `path` when it is given. `since` is an instant (committed then or later) or a
   * commit id (only what is not reachable from it). `files` asks for what each commit changed.
   */
  history(
    repo: RepoRef,
    query: { ref: string; path?: string; limit: number; since?: string; files?: boolean },
  ): Promise<readonly CommitInfo[]>
  /** Changed files between two commits, both sides' text up to 200 kB. */
  diff(repo: RepoRef, query: { from: string; to: string; path?: string }): Promise<readonly FileDiff[]>
  /** The Git tree id of a folder (empty path: the root). */
  tree(repo: RepoRef, ref: string, path: string): Promise<string | undefined>
}

export interface Changes {
  /**
   * Opens a change request for a branch that was pushed before. The same key gives back the first one, and so does the
   * head branch while its change request is open.
   */
  propose(request: {
    key: string
    repo: RepoRef
    title: string
    description: string
    author: string
    head: string
    base: string
  }): Promise<HostChange>
  find(repo: RepoRef, number: number): Promise<HostChange | undefined>
  /** The newest for a head branch, open or ended. */
  findByHead(repo: RepoRef, head: string): Promise<HostChange | undefined>
  list(filter: { repo?: RepoRef; state?: HostChange['state']; limit: number }): Promise<readonly HostChange[]>
  /** Records a decision; the same person's newer decision on the same tree replaces the older. */
  review(repo: RepoRef, number: number, approval: Approval): Promise<HostChange>
  /** Sets a named check of a commit; setting it again replaces it. */
  check(repo: RepoRef, commit: string, check: Check): Promise<void>
  /**
   * Merges when the head is still `expectedHead`, else CONFLICT; a merged one returns its merge commit again.
   * The merge is one commit on the base whose tree is the three-way merge and whose message is `message`, unaltered.
   */
  merge(request: {
    repo: RepoRef
    number: number
    expectedHead: string
    message: string
    mergedBy: string
    authoredBy: string
  }): Promise<HostChange>
  /** Closing a closed request changes nothing. */
  close(repo: RepoRef, number: number, reason: string): Promise<void>
}

export type GitHostEvent =
  | {
      readonly type: 'push'
      readonly repo: RepoRef
      readonly ref: string
      readonly before: string
      readonly after: string
      readonly actor: string
    }
  | { readonly type: 'change'; readonly repo: RepoRef; readonly number: number }
