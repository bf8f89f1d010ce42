import { hexOf, type Resource, types } from './statement.ts'

export interface BuildFacts {
  /** Address of the repository, without credentials. */
  readonly source: string
  /** `<owner>/<name>` at the Git host. */
  readonly repository: string
  readonly commit: string
  readonly pipeline: { readonly path: string; readonly sha256: string }
  /** Files of the commit that decided what was installed. */
  readonly lockfile: { readonly path: string; readonly sha256: string } | undefined
  readonly goldenPath: string
  /** Digest of the folder that the pipeline handed over. */
  readonly output: string
  readonly baseLayer: { readonly name: string; readonly digest: string } | undefined
  readonly sbom: string
  readonly run: string
  readonly builder: { readonly id: string; readonly version: string }
  /** What the pipeline says it did. Nobody checked it. */
  readonly claims: readonly { readonly name: string; readonly seconds: number }[]
}

/** SLSA v1 provenance, written from what the control plane itself read and did. */
export function provenanceOf(facts: BuildFacts): object {
  return {
    buildDefinition: {
      buildType: 'https://fairway.dev/pipeline/v1',
      externalParameters: {
        repository: facts.repository,
        commit: facts.commit,
        pipeline: facts.pipeline.path,
        goldenPath: facts.goldenPath,
      },
      internalParameters: {},
      resolvedDependencies: materials(facts),
    },
    runDetails: {
      builder: { id: facts.builder.id, version: { fairway: facts.builder.version } },
      metadata: { invocationId: facts.run },
      byproducts: [
        { name: 'sbom.cdx.json', mediaType: types.sbom, digest: { sha256: hexOf(facts.sbom) } },
        {
          name: 'pipeline-steps',
          annotations: { claimedBy: 'the pipeline; not verified', state: 'success', steps: facts.claims },
        },
      ],
    },
  }
}

function materials({ source, commit, pipeline, lockfile, output, baseLayer }: BuildFacts): Resource[] {
  const file = ({ path, sha256 }: { path: string; sha256: string }) => ({ name: path, digest: { sha256 } })
  return [
    { uri: `git+${source}@${commit}`, digest: { gitCommit: commit } },
    file(pipeline),
    ...(lockfile ? [file(lockfile)] : []),
    { name: 'handed-over folder', digest: { sha256: hexOf(output) } },
    ...(baseLayer ? [{ name: baseLayer.name, digest: { sha256: hexOf(baseLayer.digest) } }] : []),
  ]
}
