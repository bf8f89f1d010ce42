import { deliveryRepo } from '#model/names.ts'
import type { CommitInfo, Files } from '#ports/git-host.ts'

const window = 2_000
const perPlace = 200

/**
 * The newest commits of the delivery repository by place folder, read once and then only what is new: a page asks for
 * every service and environment, and one question of Git answers them all.
 */
export class DeliveryLog {
  readonly #files: Files
  #head: string | undefined
  #whole = false
  #places = new Map<string, CommitInfo[]>()
  #reading: Promise<void> = Promise.resolve()

  constructor(files: Files) {
    this.#files = files
  }

  /** The newest `limit` commits of a place as of `head`; undefined where only Git itself knows them all. */
  async of(head: string, path: string, limit: number): Promise<readonly CommitInfo[] | undefined> {
    this.#reading = this.#reading.catch(() => {}).then(() => this.#readUpTo(head))
    await this.#reading
    const commits = this.#places.get(path) ?? []
    const knowsAll = this.#whole && commits.length < perPlace
    return commits.length >= limit || knowsAll ? commits.slice(0, limit) : undefined
  }

  async #readUpTo(head: string): Promise<void> {
    if (head === this.#head) return
    const since = this.#head
    const query = { ref: head, limit: window, files: true, ...(since !== undefined && { since }) }
    const fresh = await this.#files.history(deliveryRepo, query)
    if (fresh.length === 0) return // an older head than the one that is known
    const follows = since !== undefined && fresh.length < window && fresh.at(-1)?.parents.includes(since) === true
    if (since !== undefined && !follows) {
      this.#head = undefined // the branch went another way, or far ahead: begin anew
      this.#places.clear()
      return this.#readUpTo(head)
    }
    if (since === undefined) this.#whole = fresh.length < window
    for (const commit of fresh.toReversed()) this.#add(commit)
    this.#head = head
  }

  #add(commit: CommitInfo): void {
    for (const path of new Set((commit.files ?? []).flatMap(placeOf))) {
      const known = this.#places.get(path) ?? []
      known.unshift(commit)
      known.length = Math.min(known.length, perPlace)
      this.#places.set(path, known)
    }
  }
}

function placeOf(file: string): string[] {
  const parts = file.split('/')
  return parts.length > 3 && parts[0] === 'envs' ? [parts.slice(0, 3).join('/')] : []
}
