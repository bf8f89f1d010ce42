import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { imageOf } from './image.ts'
import { type Layer, writeLayer } from './layer.ts'
import { baseName, nodeBase } from './node-base.ts'
import type { TarEntry } from './tar.ts'
import { unpackLayer } from './unpack-layer.ts'

const long = `deep/${'a-folder-with-a-long-name/'.repeat(6)}file.txt`
const entries: readonly TarEntry[] = [
  file('app/server.js', 'console.log(1)\n', 0o755),
  file(long, 'long'),
  file('app/grüße ☃.txt', 'unicode'),
  { path: 'app/empty', mode: 0o755, uid: 10001, gid: 10001 },
  file('app/nothing', ''),
]

test('the same entries give the same layer, whatever their order', async (t) => {
  const folder = await tempFolder(t)

  const one = await writeLayer(entries, { file: join(folder, 'one'), mtime: 1_700_000_000, gzip: true })
  const other = await writeLayer(entries.toReversed(), {
    file: join(folder, 'other'),
    mtime: 1_700_000_000,
    gzip: true,
  })

  assert.equal(one.digest, other.digest)
  assert.equal(one.size, (await stat(one.file)).size)
  const head = (await readFile(one.file)).subarray(4, 10)
  assert.deepEqual([...head.subarray(0, 4), head[5]], [0, 0, 0, 0, 255], 'gzip names neither a time nor a system')
})

test('an unpacked layer has one digest inside and outside, and other content has another', async (t) => {
  const folder = await tempFolder(t)

  const one = await writeLayer(entries, { file: join(folder, 'one'), mtime: 0, gzip: false })
  const other = await writeLayer([...entries, file('more', '')], { file: join(folder, 'other'), mtime: 0, gzip: false })

  assert.equal(one.digest, one.diffId)
  assert.notEqual(one.digest, other.digest)
})

test('the tar program reads our layers as we meant them', async (t) => {
  const folder = await tempFolder(t)
  const layer = await writeLayer(entries, { file: join(folder, 'one'), mtime: 1_700_000_000, gzip: true })

  const list = execFileSync('tar', ['--utc', '--full-time', '-tvzf', layer.file], {
    env: { LC_ALL: 'C.UTF-8', PATH: '/usr/bin:/bin' },
  })
  const text = execFileSync('tar', ['-xzOf', layer.file, long])

  assert.match(String(list), /-rwxr-xr-x 10001\/10001 +15 2023-11-14 22:13:20 app\/server.js/)
  assert.match(String(list), /drwxr-xr-x 10001\/10001 +0 .* app\/empty\//)
  assert.match(String(list), /grüße ☃.txt/)
  assert.equal(String(text), 'long')
})

for (const gzip of [true, false]) {
  test(`what was put in a layer comes out of it (${gzip ? 'gzip' : 'plain'})`, async (t) => {
    const folder = await tempFolder(t)
    const layer = await writeLayer(entries, { file: join(folder, 'one'), mtime: 0, gzip })

    const done = await unpackLayer(createReadStream(layer.file), join(folder, 'out'), layer)

    assert.deepEqual(done, { files: 4, bytes: 26 })
    assert.equal(await readFile(join(folder, 'out', long), 'utf8'), 'long')
    assert.equal(await readFile(join(folder, 'out/app/grüße ☃.txt'), 'utf8'), 'unicode')
    assert.equal((await stat(join(folder, 'out/app/server.js'))).mode & 0o777, 0o755)
    assert.deepEqual(await readdir(join(folder, 'out/app/empty')), [])
  })
}

test('the same layers, command and labels give the same image, byte for byte', () => {
  const layer: Layer & { createdBy: string } = {
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    digest: 'sha256:a',
    diffId: 'sha256:a',
    size: 1,
    file: '',
    createdBy: 'x',
  }
  const request = {
    layers: [layer],
    architecture: 'amd64',
    os: 'linux',
    command: ['server.js'],
    created: '2026-01-01T00:00:00Z',
  }

  const one = imageOf({ ...request, labels: { b: '2', a: '1' } })
  const other = imageOf({ ...request, labels: { a: '1', b: '2' } })

  assert.equal(one.manifest.digest, other.manifest.digest)
  const config = JSON.parse(String(one.config.bytes))
  assert.deepEqual([config.config.Entrypoint, config.config.User], [['/usr/local/bin/node'], '10001'])
})

test('the Node base starts Node with nothing else on the disk', {
  skip: !(process.platform === 'linux' && process.getuid?.() === 0),
}, async (t) => {
  const folder = await tempFolder(t)
  const base = await nodeBase(join(folder, 'cache'))
  assert.ok(base.layer)
  await unpackLayer(createReadStream(base.layer.file), join(folder, 'root'), base.layer)
  await chmod(folder, 0o711)

  const code = `require('dns').lookup('localhost', (e) => console.log(process.version, process.getuid(), Boolean(e)))`
  const started = spawnSync(
    'chroot',
    ['--userspec=10001:10001', join(folder, 'root'), '/usr/local/bin/node', '-e', code],
    { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } },
  )

  assert.equal(String(started.stderr), '')
  assert.equal(`node-${String(started.stdout).split(' ')[0]?.slice(1)}`, baseName)
  assert.deepEqual(await nodeBase(join(folder, 'cache')), base, 'it is made once')
})

function file(path: string, text: string, mode = 0o644): TarEntry {
  return { path, content: Buffer.from(text), mode, uid: 10001, gid: 10001 }
}

async function tempFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-oci-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await mkdir(folder, { recursive: true })
  return folder
}
