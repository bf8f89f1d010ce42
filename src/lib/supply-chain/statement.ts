import { z } from 'zod'

/** Media and predicate types, as in-toto, SLSA, CycloneDX and sigstore name them. */
export const types = {
  statement: 'https://in-toto.io/Statement/v1',
  payload: 'application/vnd.in-toto+json',
  /** Of a bundle with a DSSE envelope inside, which `cosign verify` and `cosign verify-attestation` look for. */
  bundle: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  signature: 'https://sigstore.dev/cosign/sign/v1',
  provenance: 'https://slsa.dev/provenance/v1',
  sbom: 'application/vnd.cyclonedx+json',
} as const

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** An in-toto statement about one image. */
export const Statement = z.looseObject({
  _type: z.literal(types.statement),
  subject: z.array(z.looseObject({ name: z.string(), digest: z.looseObject({ sha256: Sha256 }) })).min(1),
  predicateType: z.string(),
  predicate: z.looseObject({}),
})
export type Statement = z.infer<typeof Statement>

/** Something with a name and digests, as SLSA lists what went in and what else came out. */
export const Resource = z.looseObject({
  name: z.string().optional(),
  uri: z.string().optional(),
  mediaType: z.string().optional(),
  digest: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
})
export type Resource = z.infer<typeof Resource>

/** The parts of a SLSA v1 provenance that are read back (https://slsa.dev/spec/v1.0/provenance). */
export const Provenance = z.looseObject({
  buildDefinition: z.looseObject({
    buildType: z.string(),
    externalParameters: z.looseObject({ repository: z.string(), commit: z.string() }),
    resolvedDependencies: z.array(Resource),
  }),
  runDetails: z.looseObject({
    builder: z.looseObject({ id: z.string() }),
    metadata: z.looseObject({ invocationId: z.string() }),
    byproducts: z.array(Resource),
  }),
})
export type Provenance = z.infer<typeof Provenance>

export interface Subject {
  /** Name with registry and without tag. */
  readonly name: string
  readonly digest: string
}

/** The bytes of a statement; the same facts are always the same bytes. */
export function statementOf(subject: Subject, predicateType: string, predicate: object): Buffer {
  const about = { name: subject.name, digest: { sha256: hexOf(subject.digest) } }
  return Buffer.from(JSON.stringify({ _type: types.statement, subject: [about], predicateType, predicate }))
}

export function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, '')
}
