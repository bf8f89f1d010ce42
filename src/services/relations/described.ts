import type { Entity } from '#model/entity.ts'
import type { Relation, RelationKind } from '#model/relation.ts'
import { refIn, textsIn } from './spelled.ts'

/** A relation before its other end was looked up. */
export type Told = Pick<Relation, 'relation' | 'side' | 'ref' | 'source'> &
  Partial<Pick<Relation, 'state' | 'detail' | 'link'>>

interface Meaning {
  readonly out: RelationKind
  readonly outSide: Relation['side']
  readonly back: RelationKind
  readonly backSide: Relation['side']
}

const meaning = (
  [out, outSide]: readonly [RelationKind, Relation['side']],
  [back, backSide]: readonly [RelationKind, Relation['side']],
): Meaning => ({ out, outSide, back, backSide })

/** What each field of a description says, from both ends. */
const meanings: Readonly<Record<string, Meaning>> = {
  owner: meaning(['owned by', 'left'], ['owns', 'right']),
  system: meaning(['part of', 'left'], ['has part', 'right']),
  domain: meaning(['part of', 'left'], ['has part', 'right']),
  subcomponentOf: meaning(['part of', 'left'], ['has part', 'right']),
  parent: meaning(['part of', 'left'], ['has part', 'right']),
  children: meaning(['has part', 'right'], ['part of', 'left']),
  dependsOn: meaning(['depends on', 'below'], ['needed by', 'above']),
  dependencyOf: meaning(['needed by', 'above'], ['depends on', 'below']),
  providesApis: meaning(['provides', 'right'], ['provided by', 'left']),
  consumesApis: meaning(['consumes', 'below'], ['consumed by', 'above']),
  memberOf: meaning(['member of', 'left'], ['has member', 'right']),
  members: meaning(['has member', 'right'], ['member of', 'left']),
}

/** What an entity's own description says of others. */
export function toldBy(entity: Entity, source: string): Told[] {
  return Object.entries(meanings).flatMap(([field, { out, outSide }]) =>
    textsIn(entity.spec[field]).map((text) => ({ relation: out, side: outSide, ref: refIn(field, text), source })),
  )
}

/** What another entity's description says of this one. */
export function toldOf(ref: string, other: { ref: string; entity: Entity; source: string }): Told[] {
  return Object.entries(meanings).flatMap(([field, { back, backSide }]) =>
    textsIn(other.entity.spec[field])
      .filter((text) => refIn(field, text) === ref)
      .map(() => ({ relation: back, side: backSide, ref: other.ref, source: other.source })),
  )
}
