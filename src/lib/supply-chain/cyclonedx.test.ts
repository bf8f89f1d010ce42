import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cyclonedxFaults } from '../../../testing/supply-chain/cyclonedx-faults.ts'
import { startImageLab } from '../../../testing/supply-chain/image-lab.ts'
import { sbomOf } from './cyclonedx.ts'
import { imageContents } from './image-contents.ts'
import { lockedPackages } from './npm-packages.ts'

const manifest = (name: string, version: string, license: unknown) => JSON.stringify({ name, version, license })
const files = {
  'app/server.js': 'console.log(1)',
  'app/node_modules/hono/package.json': manifest('hono', '4.13.19', 'MIT'),
  'app/node_modules/@scope/one/package.json': manifest('@scope/one', '1.0.0-beta.1+7', 'MIT OR Apache-2.0'),
  'app/node_modules/broken/package.json': '{"name": "../evil", "version": "1"}',
  'app/node_modules/liar/package.json': manifest('liar\u001b[2J', '1.0.0', 'MIT'),
  'app/node_modules/odd/package.json': manifest('odd', '1.0.0', { type: '<script>' }),
}
const lock = JSON.stringify({
  lockfileVersion: 3,
  packages: {
    '': { name: 'shop' },
    'node_modules/zod': {
      version: '4.6.7',
      resolved: 'https://user:secret@registry.example/zod.tgz',
      license: 'MIT-0',
      integrity: `sha512-${Buffer.alloc(64, 3).toString('base64')}`,
    },
    'node_modules/hono': { version: '4.13.19', resolved: 'https://packages.example/hono-4.13.19.tgz' },
    'node_modules/typescript': { version: '7.0.2', dev: true },
  },
})

interface Bom {
  components: {
    name: string
    'bom-ref': string
    purl?: string
    licenses?: { license: { name: string } }[]
    evidence?: { identity: { confidence: number }[] }
  }[]
  metadata: { component: { hashes: { content: string }[] } }
}

test('the bill of materials is valid by the schema of CycloneDX 1.6, and a broken one is not', async (t) => {
  const { bytes } = await billOf(t)

  assert.deepEqual(cyclonedxFaults(bytes), [])
  assert.notDeepEqual(cyclonedxFaults(Buffer.from(bytes.toString().replace('"platform"', '"nonsense"'))), [])
})

test('it lists the runtime, each installed package, what the lockfile may have bundled, and each file', async (t) => {
  const { bom, image } = await billOf(t)

  const purls = bom.components.flatMap(({ purl }) => purl ?? [])
  assert.deepEqual(purls, [
    'pkg:generic/node@24.21.0',
    'pkg:npm/%40scope/one@1.0.0-beta.1%2B7',
    'pkg:npm/hono@4.13.19',
    'pkg:npm/odd@1.0.0',
    'pkg:npm/zod@4.6.7',
  ])
  const sure = Object.fromEntries(bom.components.map((one) => [one.name, one.evidence?.identity[0]?.confidence]))
  assert.deepEqual([sure['hono'], sure['zod']], [1, 0.5])
  assert.ok(bom.components.some(({ name }) => name === '/app/server.js'))
  assert.ok(bom.components.some(({ name }) => name === '/usr/local/bin/node'))
  assert.equal(`sha256:${bom.metadata.component.hashes[0]?.content}`, image.digest)
})

test('a licence is the one that the package states, else the lockfile’s', async (t) => {
  const { bom } = await billOf(t)

  const licences = Object.fromEntries(bom.components.map((one) => [one.name, one.licenses?.[0]?.license.name]))
  assert.deepEqual([licences['hono'], licences['zod'], licences['odd']], ['MIT', 'MIT-0', undefined])
})

test('the same image gives the same bytes', async (t) => {
  const [one, other] = [await billOf(t), await billOf(t)]

  assert.deepEqual(one.bytes, other.bytes)
})

test('names with control characters, credentials in addresses and markup in licences do not get in', async (t) => {
  const { bytes } = await billOf(t)

  assert.doesNotMatch(bytes.toString(), /secret|script|\\u001b|evil|liar","version/)
})

async function billOf(t: Parameters<typeof startImageLab>[0]) {
  const lab = await startImageLab(t)
  const image = await lab.image(files)
  const contents = await imageContents(lab.store, image)
  const bytes = sbomOf({
    subject: { name: lab.name, digest: image.digest },
    service: 'shop',
    version: '1.0.0',
    contents,
    locked: lockedPackages(lock),
    tool: { name: 'fairway', version: '0.1.0' },
  })
  return { bytes, image, bom: JSON.parse(bytes.toString()) as Bom }
}
