import { createHash } from 'node:crypto'
import type { ImageContents, ImageFile } from './image-contents.ts'
import type { InstalledPackage, LockedPackage } from './npm-packages.ts'
import { hexOf, type Subject } from './statement.ts'

export interface SbomRequest {
  readonly subject: Subject
  readonly service: string
  readonly version: string
  readonly contents: ImageContents
  /** From the lockfile of the commit: what a bundler may have put into the files. */
  readonly locked: readonly LockedPackage[]
  readonly tool: { readonly name: string; readonly version: string }
}

type Component = Record<string, unknown> & { readonly 'bom-ref': string }

/** The bill of materials of an image as CycloneDX 1.6 in JSON. The same image gives the same bytes. */
export function sbomOf(request: SbomRequest): Buffer {
  const { subject, contents, tool } = request
  const image = imageComponent(request)
  const parts = [...baseComponents(contents), ...packageComponents(request), ...fileComponents(contents.files)]
  const once = [...new Map(parts.map((part) => [part['bom-ref'], part])).values()]
  return Buffer.from(
    JSON.stringify({
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: `urn:uuid:${uuidOf(subject.digest)}`,
      version: 1,
      metadata: {
        timestamp: contents.created,
        tools: { components: [{ type: 'application', name: tool.name, version: tool.version }] },
        component: image,
      },
      components: once,
      dependencies: [{ ref: image['bom-ref'], dependsOn: once.map((part) => part['bom-ref']) }],
    }),
  )
}

function imageComponent({ subject, service, version }: SbomRequest): Component {
  return {
    type: 'container',
    'bom-ref': `${subject.name}@${subject.digest}`,
    name: service,
    version,
    hashes: [{ alg: 'SHA-256', content: hexOf(subject.digest) }],
    purl: `pkg:oci/${service}@${encodeURIComponent(subject.digest)}?repository_url=${encodeURIComponent(subject.name)}`,
  }
}

function baseComponents({ base, baseLayer }: ImageContents): Component[] {
  const version = base.replace(/^node-/, '')
  const node: Component = {
    type: 'platform',
    'bom-ref': `pkg:generic/node@${version}`,
    name: 'node',
    version,
    purl: `pkg:generic/node@${version}`,
    ...(baseLayer && {
      properties: [{ name: 'fairway:layer', value: baseLayer.digest }],
    }),
  }
  return [node, ...(baseLayer?.files ?? []).map((file) => fileComponent(file, 'base'))]
}

// Installed in the image beats named by the lockfile: the first is a fact of the image, the second a possibility.
function packageComponents({ contents, locked }: SbomRequest): Component[] {
  const archives = new Map(locked.map((one) => [`${one.name}@${one.version}`, one]))
  const installed = new Map(contents.packages.map((one) => [`${one.name}@${one.version}`, one]))
  const bundled = locked.filter((one) => !installed.has(`${one.name}@${one.version}`))
  return [
    ...[...installed].map(([key, one]) => packageComponent(one, archives.get(key), one)),
    ...bundled.map((one) => packageComponent(one, one)),
  ].toSorted((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1))
}

function packageComponent(
  { name, version }: { name: string; version: string },
  archive: LockedPackage | undefined,
  installed?: InstalledPackage,
): Component {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`
  const hashes = archive?.sha512 ? { hashes: [{ alg: 'SHA-512', content: archive.sha512 }] } : {}
  const license = installed?.license ?? archive?.license
  const method = { technique: 'manifest-analysis', confidence: installed ? 1 : 0.5 }
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    ...(license && { licenses: [{ license: { name: license } }] }),
    ...(archive?.url && { externalReferences: [{ type: 'distribution', url: archive.url, ...hashes }] }),
    evidence: {
      identity: [
        {
          field: 'purl',
          confidence: method.confidence,
          methods: [{ ...method, value: installed?.evidence ?? 'package-lock.json of the commit; it may be bundled' }],
        },
      ],
    },
  }
}

const mostFiles = 500

function fileComponents(files: readonly ImageFile[]): Component[] {
  const own = files.filter(({ path }) => !path.includes('/node_modules/'))
  return own
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .slice(0, mostFiles)
    .map((file) => fileComponent(file, 'application'))
}

function fileComponent({ path, sha256 }: ImageFile, layer: 'base' | 'application'): Component {
  return {
    type: 'file',
    'bom-ref': `file:/${encodeURI(path)}`,
    name: `/${path}`,
    hashes: [{ alg: 'SHA-256', content: sha256 }],
    properties: [{ name: 'fairway:part', value: layer }],
  }
}

// Version 8 of RFC 9562: made from the image's digest, so that the same image has the same serial number.
function uuidOf(digest: string): string {
  const hex = createHash('sha256').update(`sbom of ${digest}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
