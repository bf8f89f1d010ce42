/** Where values of secrets are kept. Values go in; only `lend` gives any out, and whoever runs workloads gets them another way. */
export interface Secrets {
  /** The newest version of each secret of the place, by name. SECRETS_UNAVAILABLE when the store cannot be asked. */
  list(place: SecretPlace, signal: AbortSignal): Promise<readonly SecretVersion[]>
  /** Keeps a value under the next version. */
  set(secret: NewSecret, signal: AbortSignal): Promise<SecretVersion>
  /**
   * The newest values of these names, for the machine of a member of the owning team (decision 0031); what nobody set is
   * not among them. The caller has asked whether that is allowed. Left out where the store hands out none.
   */
  lend?(place: SecretPlace, names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>
  /** Forgets every version. False when there was none. A later value gets a version that was never used. */
  remove(secret: Omit<NewSecret, 'value'>, signal: AbortSignal): Promise<boolean>
}

/** Whose secret it is: the team is part of it, so that a name that changes hands brings no values along. */
export interface SecretPlace {
  readonly owner: string
  readonly service: string
  readonly environment: string
}

export interface SecretVersion {
  readonly name: string
  readonly version: number
  readonly setBy: string
  readonly setAt: string
}

export interface NewSecret {
  readonly place: SecretPlace
  readonly name: string
  readonly value: string
  readonly by: string
}
