import { all, attempts, type HostileCase } from './case.ts'
import type { World } from './world.ts'
import { imageContents } from '#lib/supply-chain/image-contents.ts'

interface Smuggle {
  readonly name: string
  /** Puts something beside dist/server.js. */
  readonly act: (world: World) => string
  /** Whether handing over must fail; else the image must hold `dist/server.js` as a plain file. */
  readonly refused: boolean
}

const smuggles: readonly Smuggle[] = [
  {
    name: 'a link to a key',
    refused: true,
    act: ({ data }) => `fs.symlinkSync(${JSON.stringify(`${data}/login-key`)}, 'dist/key')`,
  },
  { name: 'a link upwards', refused: true, act: () => `fs.symlinkSync('../../..', 'dist/up')` },
  {
    name: 'the output folder as a link',
    refused: true,
    act: ({ data }) => `fs.rmSync('dist', { recursive: true }); fs.symlinkSync(${JSON.stringify(data)}, 'dist')`,
  },
  { name: 'a hard link', refused: true, act: () => `fs.linkSync('dist/server.js', 'dist/other.js')` },
  { name: 'a named pipe', refused: true, act: () => `child.execFileSync('mkfifo', ['dist/pipe'])` },
  { name: 'a socket', refused: true, act: () => `net.createServer().listen('dist/socket')` },
  {
    name: 'a file that deletes others when unpacked',
    refused: true,
    act: () => `fs.writeFileSync('dist/.wh.server.js', '')`,
  },
  {
    name: 'two names that are one on another machine',
    refused: true,
    act: () => `fs.writeFileSync('dist/SERVER.js', '')`,
  },
  {
    name: 'a huge sparse file',
    refused: false,
    act: () => `fs.truncateSync((fs.writeFileSync('dist/huge', ''), 'dist/huge'), 20_000_000_000)`,
  },
  { name: 'a device', refused: false, act: () => `child.execFileSync('mknod', ['dist/device', 'b', '7', '0'])` },
  { name: 'a program that runs as its owner', refused: false, act: () => `fs.chmodSync('dist/server.js', 0o6755)` },
  {
    name: 'a file named like the platform’s own SBOM and provenance',
    refused: false,
    act: () =>
      `for (const name of ['sbom.json', 'sbom.cdx.json', 'provenance.json', 'release.yaml', 'oci-layout', 'index.json']) fs.writeFileSync('dist/' + name, '{"bomFormat":"CycloneDX"}')`,
  },
]

export const smugglingCases: readonly HostileCase[] = smuggles.map(({ name, act, refused }) => ({
  name: `hands over ${name}`,
  blockedBy: all,
  harmless: false,
  worksUnisolated: false,
  script: (world) => `${attempts}
    fs.mkdirSync('dist'); fs.writeFileSync('dist/server.js', '//')
    attempt('smuggle', () => { ${act(world)} })
    tried(); setTimeout(() => process.exit(0), 50)`,
  judge: async ({ result, commit, key }, world) => {
    if (result?.state !== 'success' || !result.output) return undefined
    if (refused) return `${name} was handed over`
    return imageTrouble(world, { commit, key, output: result.output })
  },
}))

/** Publishes for real and reads the image: nothing but plain files, nobody's own powers, and nothing that refers to it. */
async function imageTrouble(
  { ci, artifacts }: World,
  { commit, key, output }: { commit: string; key: string; output: { digest: string; entry: readonly string[] } },
): Promise<string | undefined> {
  const request = {
    key,
    service: 'shop',
    owner: 'team-a',
    version: '1.0.0',
    commit,
    committedAt: '2026-01-02T03:04:05Z',
    output,
  }
  const { digest } = await ci.publish(request, new AbortController().signal)
  const image = { repository: 'team-a/shop', digest }
  const referrers = await artifacts.referrers(image.repository, image.digest)
  if (referrers.length > 0) return 'the image came with signatures or an SBOM of the pipeline'
  const { files } = await imageContents(artifacts, image)
  const other = files.filter(({ path }) => !path.startsWith('app/'))
  return other.length > 0 ? `the image holds ${other[0]?.path}` : undefined
}
