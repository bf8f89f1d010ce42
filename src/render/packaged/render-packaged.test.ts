import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { findSandbox } from '#lib/isolation.ts'
import { refusedObjects } from '../score/refused-objects.ts'
import type { RenderedFile } from '../rendered-file.ts'
import { findPackager, type Packager } from './find-packager.ts'
import { type PackagedRequest, renderPackaged } from './render-packaged.ts'

const digest = `sha256:${'b'.repeat(64)}`
const image = 'fairway.local/team-a/shop'

const request = {
  serviceEnvironment: {},
  environment: { metadata: { name: 'dev' }, spec: { defaults: { replicas: 2 }, rolloutSeconds: 60 } },
  release: { service: 'shop', owner: 'team-a', version: '1.0.0', commit: '0e'.repeat(20), image, digest },
  platform: { urlPattern: 'http://{service}.{environment}.localhost' },
} as unknown as PackagedRequest

const deployment = (name: string, picture: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 2
  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      containers:
        - name: app
          image: ${picture}
`

const chart = (
  templates: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): RenderedFile[] => [
  { path: 'helm/Chart.yaml', content: 'apiVersion: v2\nname: shop\nversion: 0.1.0\n' },
  ...Object.entries(templates).map(([name, content]) => ({ path: `helm/templates/${name}`, content })),
  ...Object.entries(more).map(([path, content]) => ({ path, content })),
]

const kustomization = (text: string, more: Readonly<Record<string, string>> = {}): RenderedFile[] => [
  {
    path: 'kustomize/kustomization.yaml',
    content: `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${text}`,
  },
  ...Object.entries(more).map(([path, content]) => ({ path, content })),
]

const good: Readonly<Record<Packager, RenderedFile[]>> = {
  helm: chart({ 'app.yaml': deployment('{{ .Release.Name }}', '{{ .Values.fairway.image }}') }),
  kustomize: kustomization('resources: [app.yaml]\n', { 'kustomize/app.yaml': deployment('shop', 'fairway-image') }),
}

for (const packager of ['helm', 'kustomize'] as const) {
  describe(packager, { skip: await missing(packager) }, () => {
    test('the release’s image by digest, the team’s namespace and the platform’s labels are in what is rendered', async () => {
      const files = await renderPackaged(packager, good[packager], request)

      assert.deepEqual(
        files.map(({ path }) => path),
        ['deployment-shop.yaml', 'kustomization.yaml'],
      )
      const text = files[0]?.content ?? ''
      assert.match(text, new RegExp(`image: ${image}@${digest}`))
      assert.match(text, /namespace: team-a-dev/)
      assert.match(text, /fairway\.dev\/owner: team-a/)
      assert.match(text, /matchLabels:\s+app: shop/)
      assert.deepEqual(refusedObjects(files, 'team-a-dev'), [])
    })

    test('the same files give the same bytes', async () => {
      assert.deepEqual(
        await renderPackaged(packager, good[packager], request),
        await renderPackaged(packager, good[packager], request),
      )
    })

    test('nothing of the platform’s environment or files is seen by what renders', async (t) => {
      process.env['FAIRWAY_CANARY'] = 'canary-value'
      t.after(() => delete process.env['FAIRWAY_CANARY'])
      const files =
        packager === 'helm'
          ? chart({
              'c.yaml':
                'kind: ConfigMap\napiVersion: v1\nmetadata: { name: c }\ndata:\n  env: "{{ env "FAIRWAY_CANARY" }}"\n',
            })
          : kustomization('configMapGenerator:\n- name: c\n  envs: [/etc/hostname]\n')

      const text = await renderPackaged(packager, files, request).then(
        (rendered) => JSON.stringify(rendered),
        (error: unknown) => {
          assert.equal(codeOf(error), 'PACKAGING_INVALID')
          return String(error)
        },
      )

      assert.doesNotMatch(text, /canary-value/)
    })

    test('kinds and namespaces that a team may not bring are refused like those of any release', async () => {
      const role = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: all }\n'
      const own =
        packager === 'helm'
          ? chart({ 'role.yaml': role })
          : kustomization('resources: [role.yaml]\n', { 'kustomize/role.yaml': role })

      const refused = refusedObjects(await renderPackaged(packager, own, request), 'team-a-dev')

      assert.match(refused[0]?.message ?? '', /may not bring ClusterRole/)
    })

    test('a broken file is told with the program’s own words', async () => {
      const broken =
        packager === 'helm' ? chart({ 'app.yaml': '{{ .Values.x' }) : kustomization('resources: [absent.yaml]\n')

      const error = await renderPackaged(packager, broken, request).catch((thrown: unknown) => thrown as PlatformError)

      assert.ok(error instanceof PlatformError)
      assert.equal(error.code, 'PACKAGING_INVALID')
      assert.match(error.message, packager === 'helm' ? /app\.yaml/ : /absent\.yaml/)
      assert.doesNotMatch(error.message, /fairway-packaged-/)
    })
  })
}

describe('hostile charts', { skip: await missing('helm') }, () => {
  const configMap = (data: string) => `kind: ConfigMap\napiVersion: v1\nmetadata: { name: c }\ndata:\n  x: ${data}\n`
  const cases: readonly (readonly [title: string, files: RenderedFile[], code: string])[] = [
    [
      'asks the cluster',
      chart({ 'a.yaml': configMap('{{ lookup "v1" "Secret" "x" "y" | toJson | quote }}') }),
      'PACKAGING_REFUSED',
    ],
    [
      'asks for a name',
      chart({ 'a.yaml': configMap('{{ (getHostByName "example.com") | quote }}') }),
      'PACKAGING_REFUSED',
    ],
    ['brings a packed chart', chart({}, { 'helm/charts/dep.tgz': 'x' }), 'PACKAGING_REFUSED'],
    [
      'needs a chart of elsewhere',
      [
        {
          path: 'helm/Chart.yaml',
          content:
            'apiVersion: v2\nname: shop\nversion: 0.1.0\ndependencies:\n- { name: dep, version: 1.0.0, repository: "https://charts.example.com" }\n',
        },
        { path: 'helm/templates/a.yaml', content: configMap('one') },
      ],
      'PACKAGING_INVALID',
    ],
    [
      'reads a file outside',
      chart({ 'a.yaml': configMap('{{ .Files.Get "../../../etc/passwd" | quote }}') }),
      'nothing of it',
    ],
    [
      'runs a hook',
      chart({
        'a.yaml': `kind: ConfigMap\napiVersion: v1\nmetadata: { name: c, annotations: { helm.sh/hook: pre-install } }\n`,
      }),
      'PACKAGING_REFUSED',
    ],
    [
      'grows without end',
      chart({ 'a.yaml': configMap('{{ range untilStep 0 100000000 1 }}{{ printf "%0100d" . }}{{ end }}') }),
      'PACKAGING_REFUSED or PACKAGING_INVALID',
    ],
    ['says the same object twice', chart({ 'a.yaml': `${configMap('1')}---\n${configMap('2')}` }), 'PACKAGING_REFUSED'],
  ]
  for (const [title, files, expected] of cases) {
    test(`a chart that ${title} gives nothing that was not reviewed`, async () => {
      const outcome = await renderPackaged('helm', files, request).then(
        (rendered) => (/root:/.test(JSON.stringify(rendered)) ? 'a file of the machine' : 'nothing of it'),
        (error: unknown) => codeOf(error),
      )

      assert.ok(expected.split(' or ').includes(String(outcome)), `${outcome}`)
    })
  }
})

describe('hostile kustomizations', { skip: await missing('kustomize') }, () => {
  const cases: readonly (readonly [title: string, files: RenderedFile[], code: string])[] = [
    ['takes a base of elsewhere', kustomization('resources:\n- https://example.com/base.yaml\n'), 'PACKAGING_REFUSED'],
    ['takes a repository of elsewhere', kustomization('resources:\n- github.com/a/b?ref=main\n'), 'PACKAGING_REFUSED'],
    [
      'inflates a chart',
      kustomization('helmCharts:\n- { name: x, repo: "https://charts.example.com" }\n'),
      'PACKAGING_REFUSED',
    ],
    ['runs a generator', kustomization('generators: [plugin.yaml]\n'), 'PACKAGING_REFUSED'],
    [
      'reads a file outside',
      kustomization('configMapGenerator:\n- name: c\n  files: [../../../../etc/passwd]\n'),
      'PACKAGING_INVALID',
    ],
  ]
  for (const [title, files, expected] of cases) {
    test(`a kustomization that ${title} gives nothing that was not reviewed`, async () => {
      const outcome = await renderPackaged('kustomize', files, request).then(
        () => 'rendered',
        (error: unknown) => codeOf(error),
      )

      assert.equal(outcome, expected)
    })
  }
})

async function missing(packager: Packager): Promise<string | false> {
  if (!findSandbox()) return 'bubblewrap does not work here'
  return findPackager(packager).then(
    () => false as const,
    (error: Error) => error.message,
  )
}
