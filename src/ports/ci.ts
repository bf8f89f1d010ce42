import type { RepoRef } from '#model/names.ts'

/** Runs the pipeline of a commit. The two halves never share machine state (design.md section 2, "Pipelines are not trusted"). */
export interface Ci {
  readonly can: { readonly cancel: boolean }
  /**
   * Runs the repository's own commands without any credential and hands over a folder by digest.
   * Safe to repeat: a build that succeeded for the same key is given back; a failed one runs again, so that a retry can
   * succeed. A failing pipeline is a result, not an error; PIPELINE_INVALID is one.
   */
  build(request: BuildRequest, report: (line: PipelineLine) => void, signal: AbortSignal): Promise<BuildResult>
  /** Runs no repository code: makes the image from the handed-over folder and stores it. Same input, same digest. */
  publish(request: PublishRequest, signal: AbortSignal): Promise<PublishedImage>
}

export interface BuildRequest {
  readonly key: string
  readonly repo: RepoRef
  readonly commit: string
  readonly service: string
}

export interface PipelineLine {
  readonly step: string
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
}

export interface BuildResult {
  readonly state: 'success' | 'failure'
  readonly steps: readonly {
    readonly name: string
    readonly state: 'success' | 'failure' | 'skipped'
    readonly seconds: number
  }[]
  /** On success: the handed-over folder, by digest. */
  readonly output?: { readonly digest: string; readonly entry: readonly string[] }
  /** On failure: the step and its last lines, in words for a person. */
  readonly failure?: { readonly step: string; readonly reason: string; readonly tail: readonly string[] }
}

export interface PublishRequest {
  readonly key: string
  readonly service: string
  readonly owner: string
  readonly version: string
  readonly commit: string
  readonly committedAt: string
  readonly output: { readonly digest: string; readonly entry: readonly string[] }
}

export interface PublishedImage {
  /** Repository name with registry and without tag: `fairway.local/team-a/shop`. */
  readonly image: string
  readonly digest: string
}
