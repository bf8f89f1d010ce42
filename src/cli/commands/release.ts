import { writeFile } from 'node:fs/promises'
import { PlatformError } from '#errors/platform-error.ts'
import type { ReleaseDetail } from '#model/vouched.ts'
import { answerFields, rowFields } from '../../client/answer-fields.ts'
import { type ApiClient, dataOf } from '../../client/client.ts'
import { defineCommand, type Invocation } from '../command.ts'
import { age } from '../output.ts'
import { limitOption, noteFull, pageOf } from '../paging.ts'

export const releaseList = defineCommand({
  usage: 'release list [service]',
  summary: 'Releases of a service, newest first',
  options: [limitOption],
  examples: ['fairway release list shop'],
  fields: rowFields['GET /api/v1/services/{name}/releases'],
  async run({ args, options, api, out, serviceOf }) {
    const name = await serviceOf(args[0])
    const params = { path: { name }, query: pageOf(options) }
    const { items } = await dataOf((await api()).GET('/api/v1/services/{name}/releases', { params }))
    out.table(
      items,
      [
        { title: 'VERSION', cell: (row) => row.version },
        { title: 'COMMIT', cell: (row) => row.commit.slice(0, 12) },
        { title: 'SIGNED BY', cell: (row) => row.signedBy ?? 'nobody' },
        { title: 'MESSAGE', cell: (row) => row.message },
        { title: 'BY', cell: (row) => row.createdBy },
        { title: 'WHEN', cell: (row) => age(row.createdAt, out.isTerminal) },
      ],
      `${name} has no release yet`,
    )
    noteFull(out, items, options)
    return 0
  },
})

export const releaseShow = defineCommand({
  usage: 'release show [service] [version]',
  summary: 'One release: who signed it, where it came from, what is in it; the newest when no version is given',
  examples: ['fairway release show shop', 'fairway release show shop --json vouched'],
  fields: answerFields['GET /api/v1/services/{name}/releases/{version}'],
  async run({ args, api, out, serviceOf }) {
    const client = await api()
    const path = await pathOf(client, await serviceOf(args[0]), args[1])
    const found = await dataOf(client.GET('/api/v1/services/{name}/releases/{version}', { params: { path } }))
    out.result(found, (detail) => wordsFor(detail).join('\n'))
    if (!out.isJson) {
      const params = { path: { name: path.name }, query: { version: path.version } }
      const { items } = await dataOf(client.GET('/api/v1/services/{name}/explanations', { params }))
      for (const { report } of items) out.note(`\n${report}`)
    }
    return found.vouched.state === 'verified' ? 0 : 3
  },
})

export const releaseSbom = defineCommand({
  usage: 'release sbom [service] [version]',
  summary: 'Write the bill of materials of a release (CycloneDX) to a file, byte for byte as it was signed',
  options: [{ flag: '--out <file>', about: 'where to', required: true }],
  examples: ['fairway release sbom shop --out sbom.cdx.json', 'sha256sum sbom.cdx.json'],
  fields: ['file', 'bytes'],
  run: (invocation) =>
    written(invocation, (client, path) =>
      dataOf(client.GET('/api/v1/services/{name}/releases/{version}/sbom', { params: { path } })),
    ),
})

export const releaseProvenance = defineCommand({
  usage: 'release provenance [service] [version]',
  summary: 'Write the signed provenance of a release (sigstore bundle) to a file, for cosign or another verifier',
  options: [{ flag: '--out <file>', about: 'where to', required: true }],
  examples: ['fairway release provenance shop --out provenance.sigstore.json'],
  fields: ['file', 'bytes'],
  run: (invocation) =>
    written(invocation, (client, path) =>
      dataOf(client.GET('/api/v1/services/{name}/releases/{version}/provenance', { params: { path } })),
    ),
})

export const keysList = defineCommand({
  usage: 'keys list',
  summary: 'Public keys that images may be signed with',
  options: [{ flag: '--pem', about: 'print the keys themselves, as PEM' }],
  examples: ['fairway keys list', 'fairway keys list --pem > image-keys.pem'],
  fields: rowFields['GET /api/v1/keys'],
  async run({ options, api, out }) {
    const { items } = await dataOf((await api()).GET('/api/v1/keys'))
    if (options['pem'] === true && !out.isJson) for (const { pem } of items) out.line(pem.trim())
    else
      out.table(
        items,
        [
          { title: 'KEY', cell: (row) => row.id },
          { title: 'USE', cell: (row) => (row.active ? 'signs and is trusted' : 'trusted only') },
        ],
        'no key is trusted: nothing can be deployed',
      )
    return 0
  },
})

interface ReleasePath {
  readonly name: string
  readonly version: string
}

async function written(
  { args, options, api, out, serviceOf }: Invocation,
  read: (client: ApiClient, path: ReleasePath) => Promise<unknown>,
): Promise<0> {
  const client = await api()
  const text = JSON.stringify(await read(client, await pathOf(client, await serviceOf(args[0]), args[1])))
  const file = String(options['out'])
  await writeFile(file, text)
  out.result(
    { file, bytes: Buffer.byteLength(text) },
    ({ bytes }) => `${bytes} bytes in ${file}`,
    () => file,
  )
  return 0
}

async function pathOf(client: ApiClient, name: string, version: string | undefined): Promise<ReleasePath> {
  if (version !== undefined) return { name, version }
  const params = { path: { name }, query: { limit: 1 } }
  const { items } = await dataOf(client.GET('/api/v1/services/{name}/releases', { params }))
  const [newest] = items
  if (newest) return { name, version: newest.version }
  throw new PlatformError('RELEASE_UNKNOWN', `${name} has no release yet`, {
    hint: `fairway run list --service ${name}`,
  })
}

function wordsFor({ release, vouched, origin, sbom }: ReleaseDetail): string[] {
  const verified =
    vouched.state === 'verified'
      ? [`verified   signature of ${vouched.signedBy}`]
      : [`refused    ${vouched.code}: ${vouched.reason}`, ...(vouched.hint ? [`           ${vouched.hint}`] : [])]
  return [
    `${release.service} ${release.version}`,
    ...verified,
    `image      ${release.image}@${release.digest}`,
    ...(origin
      ? [
          `commit     ${origin.commit} of ${origin.repository}`,
          `made by    run ${origin.run}, golden path ${origin.goldenPath}`,
          ...origin.materials.map(({ name, digest }) => `from       ${name} ${digest}`),
          `claimed    ${origin.claims.map(({ name, seconds }) => `${name} ${seconds} s`).join(', ')} (by the pipeline)`,
        ]
      : []),
    ...(sbom ? [`packages   ${sbom.packages.length} of ${sbom.components} components, SBOM ${sbom.digest}`] : []),
  ]
}
