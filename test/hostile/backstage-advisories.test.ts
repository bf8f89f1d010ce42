import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { outputStore } from '#adapters/ci/local/output-store.ts'
import { allRoutes } from '#api/contract/all.ts'
import { parseCatalogInfo } from '#render/score/parse-catalog-info.ts'
import { parseTemplate } from '#render/template/parse-template.ts'
import { renderTemplateHere } from '#render/template/render-template.ts'
import { goldenCommit } from '../../testing/golden-paths.ts'
import { ssrfUrls } from '../../testing/hostile/git-payloads.ts'
import { escapeExpressions, hostData } from '../../testing/hostile/template-escapes.ts'

/** What went wrong in Backstage, and what the same attempt meets here: a replay, or why there is nothing to attempt it on. */
interface Advisory {
  readonly id: string
  readonly was: string
  readonly here: string
  readonly replay?: (t: TestContext) => void | Promise<void>
}

const advisories: readonly Advisory[] = [
  {
    id: 'CVE-2022-36067',
    was: 'the sandbox of scaffolder templates (vm2) is left through an error of the host',
    here: 'templates are interpreted, never compiled to JavaScript, in a process with nothing in reach',
    replay: () =>
      noneReachesTheHost([
        'range(-1)(-1)',
        'values.missing.also.missing()',
        '(1)()',
        'values.name.repeat(-1)',
        'undefinedFilter | nothing',
      ]),
  },
  {
    id: 'CVE-2023-35926',
    was: 'the next sandbox (vm2 3.9.16) is left again; a template runs code in the backend',
    here: 'the same; `npm run prove -- hostile-template` tries compositions of all payloads',
    replay: () => noneReachesTheHost(escapeExpressions),
  },
  {
    id: 'CVE-2026-24046',
    was: 'links inside archives and workspaces let scaffolder actions read, delete and write outside',
    here: 'a golden path has no links, a handed-over folder with one is refused whole (archives: src/lib/oci/unpack-layer.test.ts)',
    replay: async (t) => {
      const folder = await scratch(t)
      await mkdir(join(folder, 'dist'))
      await writeFile(join(folder, 'dist/main.js'), 'x')
      for (const target of ['/etc/passwd', '../../outside', 'main.js', 'nowhere']) {
        await symlink(target, join(folder, 'dist/link'))
        await assert.rejects(
          outputStore(join(folder, 'store')).collect(join(folder, 'dist')),
          { code: 'IMAGE_INVALID' },
          target,
        )
        await rm(join(folder, 'dist/link'))
      }
      assert.deepEqual(await readdir(join(folder, 'store')), [])
    },
  },
  {
    id: 'CVE-2026-24047',
    was: 'a chain of links, or one to what does not exist yet, passes the containment check of `resolveSafeChildPath`',
    here: 'nothing resolves a link to judge it: any link is refused; realpathSync, which judges by text, is banned (test/rules)',
    replay: async (t) => {
      const folder = await scratch(t)
      await mkdir(join(folder, 'dist/c'), { recursive: true })
      await mkdir(join(folder, 'dist/a/b'), { recursive: true })
      await symlink('..', join(folder, 'dist/c/up'))
      await symlink('../../c/up/../..', join(folder, 'dist/a/b/escape'))
      await assert.rejects(outputStore(join(folder, 'store')).collect(join(folder, 'dist')), { code: 'IMAGE_INVALID' })
    },
  },
  {
    id: 'CVE-2026-24048',
    was: 'the URL reader follows redirects off its allow-list, into the network of the backend',
    here: 'no template, entity or workload can name an address that is fetched (test/hostile/control-plane.test.ts)',
    replay: () => {
      for (const url of ssrfUrls)
        assert.throws(() => parseTemplate(templateWith({ url })), { code: 'TEMPLATE_INVALID' }, url)
    },
  },
  {
    id: 'CVE-2026-32235',
    was: 'a redirect address of the sign-in matches a pattern that was meant for another',
    here: 'there is no redirect of a sign-in: embedded identity takes a key in the fragment and answers a cookie',
    replay: () => {
      const inputs = JSON.stringify(
        allRoutes.map(({ path, query, body }) => [path, Object.keys(shapeOf(query)), Object.keys(shapeOf(body))]),
      )
      assert.doesNotMatch(inputs, /redirect|callback|return_?to|continue/i)
    },
  },
  {
    id: 'CVE-2026-32236',
    was: 'metadata that a client names by URL is fetched by the backend',
    here: 'no input of any route is an address to fetch',
    replay: () => {
      const names = allRoutes.flatMap(({ query, body }) => [
        ...Object.keys(shapeOf(query)),
        ...Object.keys(shapeOf(body)),
      ])
      assert.ok(names.length > 30)
      assert.deepEqual(
        names.filter((name) => /ur[il]$|href|address|endpoint|webhook/i.test(name)),
        [],
      )
    },
  },
  {
    id: 'CVE-2026-106456',
    was: 'two routes overlap, and the weaker one answers for the stricter',
    here: 'all routes are one list of data; who may call each is in it',
    replay: () => {
      const names = allRoutes.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':x')}`)
      assert.equal(new Set(names).size, names.length)
      assert.deepEqual(
        allRoutes.filter(({ path }) => path.includes('*')),
        [],
      )
      const open = allRoutes.filter(({ access }) => access !== 'signed-in').map(({ id }) => id)
      for (const id of open) assert.match(id, /^(session|sign-?in|login)/i)
    },
  },
  {
    id: 'CVE-2026-106491',
    was: 'dots in a path leave the prefix that a proxy guards',
    here: 'nothing is proxied below /api or /git; names in paths have no dots and no slashes',
    replay: () => {
      // an entity is found by its whole reference in the index, where dots mean nothing
      for (const { path, params } of allRoutes.filter((one) =>
        /^(?!.*\/entities\/).*:(name|owner|repo)\b/.test(one.path),
      ))
        for (const text of ['..', '../x', '%2e%2e', '..%2fx', '.', 'a/b', 'a\\b', ''])
          assert.equal(
            params?.safeParse(Object.fromEntries([...path.matchAll(/:(\w+)/g)].map(([, name]) => [name ?? '', text])))
              .success,
            false,
            `${path} takes ${text}`,
          )
    },
  },
  {
    id: 'CVE-2026-106495',
    was: 'known to us by its number only: the list of sources has no text of it',
    here: 'not replayed; docs/security.md leaves it open',
  },
  {
    id: 'CVE-2026-106496',
    was: 'a rule about kinds holds when a location is registered, and no more when it is refreshed',
    here: 'there is one way in: release, create-service and refresh all call registerEntities, which parses with the same rule',
    replay: () => {
      for (const kind of [
        'User',
        'Group',
        'Template',
        'Location',
        'Policy',
        'Environment',
        'Domain',
        'Waiver',
        'component',
        'USER',
      ])
        assert.throws(() => parseCatalogInfo(entityOf(kind)), { code: 'CATALOG_INFO_INVALID' }, kind)
    },
  },
  {
    id: 'CVE-2026-106499',
    was: 'secrets reach the log of a task through a loop, a debug action or a fetch',
    here: 'a golden path has no secrets, and no action but fetch:template, publish and register',
    replay: () => {
      for (const action of [
        'debug:log',
        'debug:wait',
        'fetch:plain',
        'fetch:plain:file',
        'fs:read',
        'http:backstage:request',
        'catalog:fetch',
        'shell:run',
      ])
        assert.throws(() => parseTemplate(templateWith({ action })), { code: 'TEMPLATE_INVALID' }, action)
      noneReachesTheHost([
        'secrets',
        'secrets.USER_OAUTH_TOKEN',
        'user',
        'user.entity',
        'context',
        'steps',
        'each',
        'backstage.token',
      ])
    },
  },
  {
    id: 'CVE-2026-106501',
    was: 'reading the task of somebody else answers its internal data, tokens among them',
    here: 'every answer is shaped by the schema of its route; runs hold no credential (prove canary, route-matrix)',
    replay: () => {
      for (const { id, reply } of allRoutes.filter((one) => one.path.startsWith('/api/v1/runs')))
        assert.doesNotMatch(
          JSON.stringify(Object.keys(shapeOf(reply))),
          /secret|token|credential|executor|workflow_uuid/i,
          id,
        )
    },
  },
  {
    id: 'CVE-2026-106506',
    was: 'sorting by a hidden column tells its content, row by row',
    here: 'no route takes an order or a column; filters are named one by one',
    replay: () => {
      const names = allRoutes.flatMap(({ query }) => Object.keys(shapeOf(query)))
      assert.deepEqual(
        names.filter((name) => /sort|order|column|field|filter|where/i.test(name)),
        [],
      )
    },
  },
  {
    id: 'CVE-2026-106510',
    was: 'the docs of a repository configure the generator to run code',
    here: 'docs are shown as text; nothing of mkdocs.yml is read',
  },
  {
    id: 'CVE-2026-106557',
    was: 'a snippet in the docs makes the generator fetch an address of the network',
    here: 'no generator, no snippet: docs/index.md is read from Git and shown as text (test/hostile/portal.test.ts)',
  },
  {
    id: 'CVE-2026-106560',
    was: 'the path of an action writes outside the workspace of its task',
    here: 'files are never written to a workspace: a tree is checked whole and becomes Git objects',
    replay: () => {
      for (const targetPath of ['..', '../x', '/etc', 'a/../../b', 'C:x', 'a\\..\\b', '.git/hooks', '%2e%2e/x', 'a\0b'])
        assert.throws(() => render(templateWith({ targetPath })), { code: 'TEMPLATE_INVALID' }, targetPath)
    },
  },
]

for (const { id, was, replay } of advisories) {
  if (replay) test(`${id} (${was}) has no place here`, replay)
}

test('every advisory says what it meets here', () => {
  assert.equal(new Set(advisories.map(({ id }) => id)).size, 17)
  for (const { here } of advisories) assert.ok(here.length > 20)
})

function noneReachesTheHost(expressions: readonly string[]): void {
  process.env['FAIRWAY_CANARY'] = 'host-secret-7'
  for (const expression of expressions) {
    const text = outcomeOf(() => render(templateWith({ body: `\${{ ${expression} }}` })))
    assert.doesNotMatch(text, hostData, expression)
  }
}

function outcomeOf(act: () => unknown): string {
  try {
    return JSON.stringify(act())
  } catch (error) {
    assert.match(String((error as { code?: string }).code), /^TEMPLATE_/, String(error))
    return String(error)
  }
}

function render(files: ReadonlyMap<string, string>) {
  return renderTemplateHere({ files, answers: { name: 'shop' }, facts: { commit: goldenCommit } })
}

function templateWith({
  url = './skeleton',
  targetPath = '.',
  action = 'fetch:template',
  body = 'x',
}: {
  url?: string
  targetPath?: string
  action?: string
  body?: string
} = {}): ReadonlyMap<string, string> {
  const input = { url, targetPath, values: { name: '${{ parameters.name }}' } }
  const template = {
    apiVersion: 'scaffolder.backstage.io/v1beta3',
    kind: 'Template',
    metadata: { name: 'small', title: 'Small' },
    spec: {
      owner: 'platform',
      type: 'service',
      parameters: [{ properties: { name: { type: 'string' } } }],
      steps: [{ id: 'one', name: 'One', action, input }],
    },
  }
  return new Map([
    ['template.yaml', JSON.stringify(template)],
    ['skeleton/out.txt', body],
  ])
}

function entityOf(kind: string): string {
  return `apiVersion: backstage.io/v1alpha1\nkind: ${kind}\nmetadata: {name: x}\nspec: {type: service, lifecycle: production, owner: team-a}\n`
}

function shapeOf(schema: unknown): Record<string, unknown> {
  return (schema as { shape?: Record<string, unknown> } | undefined)?.shape ?? {}
}

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-advisories-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
