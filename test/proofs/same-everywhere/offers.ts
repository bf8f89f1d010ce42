import type { Scene } from './scene.ts'

/** Something that a person may have, or may not. */
export interface Offer {
  readonly name: string
  /** Where the API says whether, and how to read it. */
  readonly api: (scene: Scene) => string
  readonly isOffered: (answer: never) => boolean
  /** The page, and the name of its button or link. */
  readonly page: (scene: Scene) => string
  readonly control: RegExp
  /** The act without any effect where there is such a thing; with one where a refusal is expected. */
  readonly dry?: (scene: Scene) => readonly string[]
  readonly real: (scene: Scene) => readonly string[]
}

interface Possible {
  readonly environment: string
  readonly can: boolean
}
const canIn = (possible: readonly Possible[], place: string) =>
  possible.some(({ environment, can }) => environment === place && can)

export const offers: readonly Offer[] = [
  {
    name: 'promote to staging',
    api: () => '/api/v1/services/shop',
    isOffered: ({ promote }: { promote: readonly Possible[] }) => canIn(promote, 'staging'),
    page: () => '/catalog/component/default/shop',
    control: /^Promote to staging$/,
    dry: () => ['promote', 'shop', '--to', 'staging', '--dry-run'],
    real: () => ['promote', 'shop', '--to', 'staging'],
  },
  {
    name: 'roll back dev',
    api: () => '/api/v1/services/shop',
    isOffered: ({ rollback }: { rollback: readonly Possible[] }) => canIn(rollback, 'dev'),
    page: () => '/catalog/component/default/shop',
    control: /^Roll back$/,
    dry: () => ['rollback', 'shop', '--env', 'dev', '--dry-run'],
    real: () => ['rollback', 'shop', '--env', 'dev'],
  },
  {
    name: 'approve production',
    api: ({ change }) => `/api/v1/changes/${change.replace('#', '/')}`,
    isOffered: ({ approval }: { approval: { youMay: boolean } }) => approval.youMay,
    page: ({ change }) => `/changes/${change.replace('#', '/')}`,
    control: /^Approve$/,
    real: ({ change }) => ['change', 'approve', change],
  },
]
