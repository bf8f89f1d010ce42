import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { writeLayer } from '#lib/oci/layer.ts'

export interface NpmRegistry {
  readonly url: string
  /** package.json and package-lock.json of a project that depends on the package `dep`. */
  readonly project: { readonly 'package.json': string; readonly 'package-lock.json': string }
  /** Paths that were asked for, with the credential that came along. */
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[]
}

/** A package registry on loopback with one package, `dep` 1.0.0, that the real npm client installs from. It asks for `token`. */
export async function startNpmRegistry(
  t: TestContext,
  { files, token }: { files: Readonly<Record<string, string>>; token: string },
): Promise<NpmRegistry> {
  const tarball = await packed(t, files)
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  const requests: { path: string; authorization: string | undefined }[] = []
  const server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', authorization: request.headers.authorization })
    if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end()
    if (request.url?.endsWith('.tgz')) return response.end(tarball)
    const version = { name: 'dep', version: '1.0.0', dist: { tarball: `${url}dep/-/dep-1.0.0.tgz`, integrity } }
    response.setHeader('content-type', 'application/json')
    return response.end(
      JSON.stringify({ name: 'dep', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const root = { name: 'shop', version: '1.0.0', dependencies: { dep: '1.0.0' } }
  const packages = { '': root, 'node_modules/dep': { version: '1.0.0', integrity, hasInstallScript: true } }
  const lock = { name: 'shop', version: '1.0.0', lockfileVersion: 3, requires: true, packages }
  return { url, requests, project: { 'package.json': JSON.stringify(root), 'package-lock.json': JSON.stringify(lock) } }
}

async function packed(t: TestContext, files: Readonly<Record<string, string>>): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-registry-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const entries = Object.entries(files).map(([path, text]) => {
    return { path: `package/${path}`, content: Buffer.from(text), mode: 0o644, uid: 0, gid: 0 }
  })
  const { file } = await writeLayer(entries, { file: join(folder, 'dep.tgz'), mtime: 0, gzip: true })
  return readFile(file)
}

/** The operator's own npm settings: registry and token, as a file that the environment names. */
export async function operatorNpmrc(t: TestContext, { url, token }: { url: string; token: string }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-npmrc-'))
  await writeFile(join(folder, 'npmrc'), `registry=${url}\n${url.slice('http:'.length)}:_authToken=${token}\n`)
  const before = process.env['npm_config_userconfig']
  process.env['npm_config_userconfig'] = join(folder, 'npmrc')
  t.after(async () => {
    if (before === undefined) delete process.env['npm_config_userconfig']
    else process.env['npm_config_userconfig'] = before
    await rm(folder, { recursive: true, force: true })
  })
}
