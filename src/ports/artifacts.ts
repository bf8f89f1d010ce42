/** OCI images by digest, and what refers to them. Content is verified against its digest on the way in and out (ARTIFACT_CORRUPT). */
export interface Artifacts {
  /** The registry part of image names, as `fairway.local`. */
  readonly registry: string
  readonly can: { readonly referrers: boolean; readonly delete: boolean }
  /** `name` is the repository inside the registry, `team-a/shop`. Repeating changes nothing. */
  putBlob(name: string, digest: string, content: Uint8Array | NodeJS.ReadableStream): Promise<void>
  hasBlob(name: string, digest: string): Promise<boolean>
  /** The whole blob, verified. ARTIFACT_UNKNOWN when absent. */
  readBlob(name: string, digest: string): Promise<NodeJS.ReadableStream>
  /** Stores a manifest (exact bytes) and points `tags` at it. Its digest is the image's. */
  putManifest(
    name: string,
    manifest: { mediaType: string; bytes: Uint8Array; tags?: readonly string[] },
  ): Promise<string>
  /** By digest or tag; undefined when absent. */
  readManifest(
    name: string,
    reference: string,
  ): Promise<{ digest: string; mediaType: string; bytes: Uint8Array } | undefined>
  tags(name: string): Promise<readonly { tag: string; digest: string }[]>
  /** Manifests whose `subject` is the digest (OCI 1.1 referrers). */
  referrers(name: string, digest: string): Promise<readonly { digest: string; artifactType: string }[]>
}
