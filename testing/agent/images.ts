import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createReadStream } from 'node:fs'
import { localArtifacts } from '#adapters/artifacts/local/local.ts'
import { imageOf } from '#lib/oci/image.ts'
import { writeLayer } from '#lib/oci/layer.ts'
import { baseLabel, baseName } from '#lib/oci/node-base.ts'
import { attestImage } from '#lib/supply-chain/attest.ts'
import { type ImageKey, imageKey } from '#lib/supply-chain/image-key.ts'

/** Vouches for the images of a lab, whose agent trusts it. */
export const labKey = imageKey(Buffer.alloc(32, 7).toString('base64url'))

export interface ImageStore {
  /** Stores an image that runs this JavaScript, on our own Node base unless told otherwise; gives `<name>@<digest>`. */
  put(program: string, options?: { base?: string; signedBy?: ImageKey | 'nobody' }): Promise<string>
}

/** Images as `fairway ci publish` makes them, less the base layer, which the embedded runtime never unpacks. */
export function imageStore(folder: string, scratch: string): ImageStore {
  const artifacts = localArtifacts({ folder })
  const name = 'team-a/lab'
  return {
    async put(program, { base = baseName, signedBy = labKey } = {}) {
      const own = { uid: 10001, gid: 10001 }
      const entries = [
        { path: 'app', mode: 0o755, ...own },
        { path: 'app/main.mjs', content: Buffer.from(program), mode: 0o644, ...own },
      ]
      const layer = await writeLayer(entries, { file: join(scratch, randomUUID()), mtime: 0, gzip: true })
      const image = imageOf({
        layers: [{ ...layer, createdBy: `fairway ci publish ${createHash('sha256').update(program).digest('hex')}` }],
        architecture: 'amd64',
        os: 'linux',
        command: ['main.mjs'],
        created: '2026-01-01T00:00:00Z',
        labels: { [baseLabel]: base },
      })
      await artifacts.putBlob(name, layer.digest, createReadStream(layer.file))
      await artifacts.putBlob(name, image.config.digest, image.config.bytes)
      const digest = await artifacts.putManifest(name, image.manifest)
      if (signedBy !== 'nobody')
        await attestImage({
          store: artifacts,
          image: { repository: name, digest },
          name: `${artifacts.registry}/${name}`,
          key: signedBy,
          created: '2026-01-01T00:00:00Z',
          sbom: Buffer.from('{}'),
          provenance: () => ({}),
        })
      return `${artifacts.registry}/${name}@${digest}`
    },
  }
}

/** A small server: /readyz, / says its version, /env its environment, and more by what `extra` adds. */
export function serverProgram({
  version,
  ready = 200,
  extra = '',
}: {
  version: string
  ready?: number
  extra?: string
}): string {
  return `
import { createServer } from 'node:http'
const version = ${JSON.stringify(version)}
const server = createServer((request, response) => {
  if (request.url === '/readyz') return response.writeHead(${ready}).end()
  if (request.url === '/env') return response.end(JSON.stringify(process.env))
  if (request.url === '/headers') return response.end(JSON.stringify(request.headers))
  if (request.url === '/echo') return request.pipe(response)
  if (request.url === '/crash') { console.error('Error: asked to crash'); process.exit(3) }
  if (request.url === '/slow') return setTimeout(() => response.end(version), 300)
  ${extra}
  response.end(version)
})
server.listen(Number(process.env.PORT), process.env.HOST)
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`
}
