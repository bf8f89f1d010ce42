import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { defaultLimits, type UnpackLimits, unpackLayer } from './unpack-layer.ts'

const plain = 'application/vnd.oci.image.layer.v1.tar'

const hostile: Record<string, Buffer[]> = {
  'a symbolic link to a folder outside and a file through it': [
    entry('out', '2', { link: '../../outside' }),
    entry('out/file', '0', { body: 'x' }),
  ],
  'a link that JavaScript calls inside and the kernel outside': [
    entry('c/up', '2', { link: '..' }),
    entry('a/b/escape', '2', { link: 'c/up/../..' }),
    entry('a/b/escape/file', '0', { body: 'x' }),
  ],
  'a symbolic link that stays inside': [entry('file', '0'), entry('link', '2', { link: 'file' })],
  'a hard link': [entry('passwd', '1', { link: '/etc/passwd' })],
  'a character device': [entry('null', '3')],
  'a block device': [entry('disk', '4')],
  'a named pipe': [entry('pipe', '6')],
  'an absolute path': [entry('/tmp/fairway-absolute', '0', { body: 'x' })],
  'a path with two dots': [entry('../file', '0', { body: 'x' })],
  'a path with two dots in the middle': [entry('a/../../file', '0', { body: 'x' })],
  'a path with a backslash': [entry('..\\file', '0', { body: 'x' })],
  'a path with a drive': [entry('C:file', '0', { body: 'x' })],
  'two dots in a pax header': [pax('path', '../file'), entry('harmless', '0', { body: 'x' })],
  'a link target in a pax header': [pax('linkpath', '/etc/passwd'), entry('harmless', '2')],
  'two dots split over prefix and name': [entry('/file', '0', { prefix: 'a/../..', body: 'x' })],
  'a GNU long name': [entry('././@LongLink', 'L', { body: '../file\0' }), entry('harmless', '0')],
  'a sparse file': [entry('sparse', 'S')],
  'the same file twice': [entry('file', '0', { body: 'x' }), entry('file', '0', { body: 'y' })],
  'the same file in another case': [entry('file', '0', { body: 'x' }), entry('FILE', '0', { body: 'y' })],
  'a file that another entry needs as a folder': [entry('a', '0', { body: 'x' }), entry('a/b', '0', { body: 'y' })],
  'a folder where a file is': [entry('a', '0', { body: 'x' }), entry('a/', '5')],
  'a whiteout': [entry('.wh.file', '0')],
  'a wrong checksum': [entry('file', '0', { body: 'x', sum: 1 })],
  'an archive that ends inside a file': [entry('file', '0', { body: 'x'.repeat(2_000) }).subarray(0, 1_000)],
  'more depth than allowed': [entry(`${'d/'.repeat(33)}f`, '0')],
}

for (const [what, blocks] of Object.entries(hostile)) {
  test(`${what} is refused whole, and nothing is written inside or outside`, async (t) => {
    const { folder, target } = await place(t)
    const archive = Buffer.concat([entry('first', '0', { body: 'ok' }), ...blocks, Buffer.alloc(1_024)])
    const cut = what.includes('ends inside') ? archive.subarray(0, archive.length - 1_024) : archive

    await assert.rejects(unpackLayer(chunks(cut), target, { mediaType: plain }), { code: 'IMAGE_INVALID' })

    assert.deepEqual((await readdir(folder)).toSorted(), ['inner', 'outside'])
    assert.deepEqual(await readdir(join(folder, 'inner')), [])
    assert.deepEqual(await readdir(join(folder, 'outside')), ['secret'])
  })
}

const bombs: Record<string, { limits: Partial<UnpackLimits>; mediaType: string; bytes: Buffer }> = {
  'more bytes than allowed': {
    limits: { bytes: 100, entries: 1 },
    mediaType: plain,
    bytes: entry('big', '0', { body: 'x'.repeat(20_000) }),
  },
  'a declared size beyond the limit': { limits: {}, mediaType: plain, bytes: entry('big', '0', { size: 300_000_000 }) },
  'more entries than allowed': {
    limits: { entries: 3 },
    mediaType: plain,
    bytes: Buffer.concat(['a', 'b', 'c', 'd'].map((name) => entry(name, '0'))),
  },
  'more implied folders than allowed': { limits: { entries: 3 }, mediaType: plain, bytes: entry('a/b/c/d', '0') },
  'a gzip bomb': {
    limits: {},
    mediaType: `${plain}+gzip`,
    bytes: gzipSync(entry('zeros', '0', { body: '\0'.repeat(30_000_000) })),
  },
  'a zstd bomb': {
    limits: {},
    mediaType: `${plain}+zstd`,
    bytes: zstdCompressSync(entry('zeros', '0', { body: '\0'.repeat(30_000_000) })),
  },
  'something that is not gzip': { limits: {}, mediaType: `${plain}+gzip`, bytes: Buffer.from('plain text') },
  'an unknown media type': { limits: {}, mediaType: 'application/octet-stream', bytes: Buffer.alloc(0) },
}

for (const [what, { limits, mediaType, bytes }] of Object.entries(bombs)) {
  test(`${what} ends the unpacking and removes what was written`, async (t) => {
    const { folder, target } = await place(t)

    const unpacking = unpackLayer(chunks(bytes), target, { mediaType, limits: { ...defaultLimits, ...limits } })

    await assert.rejects(unpacking, { code: 'IMAGE_INVALID' })
    assert.deepEqual(await readdir(join(folder, 'inner')), [])
  })
}

test('a stream that turns out corrupt at its very end leaves nothing behind', async (t) => {
  const { folder, target } = await place(t)
  const stream = async function* () {
    yield Buffer.concat([entry('file', '0', { body: 'x' }), Buffer.alloc(1_024)])
    throw Object.assign(new Error('wrong digest'), { code: 'ARTIFACT_CORRUPT' })
  }

  await assert.rejects(unpackLayer(stream(), target, { mediaType: plain }), { code: 'ARTIFACT_CORRUPT' })

  assert.deepEqual(await readdir(join(folder, 'inner')), [])
})

test('any path either lands inside the folder or is refused', async (t) => {
  const { folder, target } = await place(t)
  const part = fc.constantFrom('..', '.', '', 'a', 'B', '%2e%2e', '...', ' ', 'é', '~', 'x'.repeat(60))
  const paths = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'))

  await fc.assert(
    fc.asyncProperty(paths, async (path) => {
      await rm(target, { recursive: true, force: true })
      const archive = Buffer.concat([pax('path', path), entry('name', '0', { body: 'mark' }), Buffer.alloc(1_024)])
      const outcome = await unpackLayer(chunks(archive), target, { mediaType: plain }).catch((error) => error.code)
      if (typeof outcome === 'string') assert.equal(outcome, 'IMAGE_INVALID')
      else await assertInside(target)
      assert.deepEqual((await readdir(folder)).toSorted(), ['inner', 'outside'])
    }),
    { numRuns: 300 },
  )
})

async function assertInside(target: string): Promise<void> {
  const root = await realpath(target)
  const all = await readdir(target, { recursive: true, withFileTypes: true })
  const files = all.filter((found) => found.isFile()).map((found) => join(found.parentPath, found.name))
  assert.equal(files.length, 1)
  assert.ok((await realpath(files[0] ?? '')).startsWith(`${root}/`))
  assert.equal(await readFile(files[0] ?? '', 'utf8'), 'mark')
}

async function place(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-unpack-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'inner'))
  await mkdir(join(folder, 'outside'))
  await writeFile(join(folder, 'outside/secret'), 'secret')
  return { folder, target: join(folder, 'inner/app') }
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700)
}

interface Raw {
  readonly body?: string
  readonly link?: string
  readonly prefix?: string
  readonly size?: number
  readonly sum?: number
}

function entry(name: string, type: string, { body = '', link = '', prefix = '', size, sum }: Raw = {}): Buffer {
  const block = Buffer.alloc(512)
  block.write(name, 0, 100)
  block.write('0000644\0', 100)
  block.write(`${(size ?? body.length).toString(8).padStart(11, '0')}\0`, 124)
  block.write('        ', 148)
  block.write(type, 156)
  block.write(link, 157, 100)
  block.write('ustar\x0000', 257)
  block.write(prefix, 345, 155)
  const total = sum ?? block.reduce((all, byte) => all + byte, 0)
  block.write(`${total.toString(8).padStart(6, '0')}\0 `, 148)
  const content = Buffer.from(body, 'latin1')
  return Buffer.concat([block, content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}

function pax(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  const digits = String(rest + String(rest + 3).length).length
  return entry('pax', 'x', { body: Buffer.from(`${rest + digits} ${key}=${value}\n`).toString('latin1') })
}
