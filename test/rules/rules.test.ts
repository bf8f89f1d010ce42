import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { catalogue } from '#errors/catalogue.ts'
import { adapterContracts } from './adapter-contracts.ts'
import { type CheckedFile, listed, readCheckout, readCode, type Violation } from './checkout.ts'
import { errorCodes } from './error-codes.ts'
import { barrelFiles, drawerNames, machinePlaces, openEnds } from './habits.ts'
import { fileLength, functionLength } from './length.ts'
import { quickStart } from './quick-start.ts'
import { roomImports } from './room-imports.ts'
import { securityTable } from './security-table.ts'
import { unsafeCalls } from './unsafe-calls.ts'

interface Rule {
  readonly promise: string
  readonly check: (files: readonly CheckedFile[]) => Violation[]
  readonly files: () => CheckedFile[]
  /** Broken on purpose: a rule that lets these pass is dead. */
  readonly planted: readonly CheckedFile[]
  /** Right, though it looks similar. */
  readonly innocent: readonly CheckedFile[]
}

const file = (path: string, text: string): CheckedFile => ({ path, text })
const long = (lines: number) => 'x()\n'.repeat(lines)
const written = () => readCheckout(/^(?!.*(\.(wasm|png|svg|snap)|kubernetes\/.*\.json)$)/)

const rules: readonly Rule[] = [
  {
    promise: 'every room imports only the rooms it may know',
    check: roomImports,
    files: readCode,
    planted: [
      file('src/model/a.ts', "import type { Pool } from '../store/database.ts'"),
      file('src/model/b.ts', "import pg from 'pg'"),
      file('src/errors/a.ts', "import { z } from 'zod'"),
      file('src/api/a.ts', "const store = await import('#store/run.ts')"),
      file('src/cli/a.ts', "export { can } from '#access/can.ts'"),
      file('src/render/a.ts', "let run: import('#ports/ci.ts').Ci"),
      file('src/adapters/git-host/gitea/a.ts', "import { db } from '#store/database.ts'"),
      file('src/adapters/git-host/gitea/b.ts', "import { localHost } from '../local/local.ts'"),
      file('src/adapters/ci/local/a.ts', "import { localHost } from '../../git-host/local/local.ts'"),
      file('src/services/a.ts', "import { DBOS } from '@dbos-inc/dbos-sdk'"),
      file('portal/pages/A.tsx', "import { can } from '../../src/access/can.ts'"),
      file('src/services/b.ts', "import { parse } from 'yaml'"),
      file('src/attic/a.ts', ''),
    ],
    innocent: [
      file('src/model/a.ts', "import { z } from 'zod'\nimport { Run } from './run.ts'"),
      file('src/adapters/git-host/local/a.ts', "import { db } from '#store/database.ts'\nimport { b } from './b.ts'"),
      file('src/workflows/engine/a.ts', "import { DBOS } from '@dbos-inc/dbos-sdk'"),
      file('src/main/a.ts', "import { db } from '#store/database.ts'"),
      file('src/services/a.test.ts', "import { localHost } from '#adapters/git-host/local/local.ts'"),
      file('portal/pages/A.tsx', "import { client } from '../../src/client/client.ts'"),
    ],
  },
  {
    promise: 'no file is longer than 400 lines',
    check: fileLength,
    files: () =>
      readCheckout(/^(?!templates\/).*\.(ts|tsx|mjs|js|css)$/).filter(({ path }) => path !== 'src/client/schema.ts'),
    planted: [file('src/lib/a.ts', long(401))],
    innocent: [file('src/lib/a.ts', long(400))],
  },
  {
    promise: 'no function is longer than 80 lines, no page than 120',
    check: functionLength,
    files: readCode,
    planted: [
      file('src/lib/a.ts', `export function a() {\n${long(80)}}`),
      file('src/lib/b.ts', `export const a = {\n  async b() {\n${long(80)}}\n}`),
      file('src/lib/c.ts', `call(() => {\n${long(80)}})`),
      file('portal/pages/A.tsx', `export function A() {\n${long(120)}}`),
      file('src/lib/a.test.ts', `test('a', () => {\n${long(80)}})`),
    ],
    innocent: [
      file('src/lib/a.ts', `export function a() {\n${long(78)}}`),
      file('portal/pages/A.tsx', `export function A() {\n${long(110)}}`),
      file('src/lib/a.test.ts', `describe('a', () => {\n${`test('b', () => {\n${long(50)}})\n`.repeat(3)}})`),
    ],
  },
  {
    promise: 'no file only passes on exports',
    check: barrelFiles,
    files: readCode,
    planted: [
      file('src/lib/index.ts', "export * from './a.ts'"),
      file('src/lib/all.ts', "export { a } from './a.ts'\nexport { b } from './b.ts'"),
    ],
    innocent: [
      file('src/services/platform.ts', "export type { Platform } from '#workflows/platform.ts'"),
      file('src/lib/a.ts', "export { b } from './b.ts'\nexport const c = 1"),
    ],
  },
  {
    promise: 'no file or folder is a drawer for everything',
    check: drawerNames,
    files: readCode,
    planted: [file('src/lib/utils.ts', ''), file('portal/ui/helpers/a.tsx', ''), file('src/common/a.test.ts', '')],
    innocent: [file('src/lib/common-ancestor.ts', ''), file('src/lib/git/helper-process.ts', '')],
  },
  {
    promise: 'what is left to do carries an issue number',
    check: openEnds,
    files: () => readCode().filter(({ path }) => path !== 'test/rules/rules.test.ts'),
    planted: [file('src/lib/a.ts', '// TODO later'), file('src/lib/b.ts', 'a() /* FIXME: soon */')],
    innocent: [file('src/lib/a.ts', '// TODO(#12): later'), file('src/lib/b.ts', "const word = 'TODO'")],
  },
  {
    promise: 'nothing names a place of one machine or a package registry',
    check: machinePlaces,
    files: () => written().filter(({ path }) => path !== 'test/rules/habits.ts' && path !== 'test/rules/rules.test.ts'),
    planted: [
      file('docs/a.md', 'cd /work/main && ls'),
      file('src/lib/a.ts', "const home = '/root/.cache'"),
      file('package-lock.json', '      "resolved": "https://somewhere/a.tgz",'),
      file('.npmrc', 'registry=https://registry.npmjs.org/'),
    ],
    innocent: [file('docs/a.md', 'cd work/main; see https://example.com/home/x and frontend/work/main')],
  },
  {
    promise: 'nothing calls what is safe with our own text only',
    check: unsafeCalls,
    files: readCode,
    planted: [
      file('src/lib/a.ts', "import { realpathSync } from 'node:fs'\nrealpathSync(path)"),
      file('src/lib/b.ts', "import fs from 'node:fs'\nfs.realpathSync(path)"),
      file('src/store/a.ts', 'sql`select ${sql.raw(name)}`'),
      file('src/store/b.ts', 'const list = { a: name }\nsql`${sql.raw(list[key])}`'),
      file('src/store/c.ts', 'sql.lit(text)'),
      file('src/store/d.ts', "pool.query(`select * from t where a = '${a}'`)"),
      file('src/store/e.ts', "client.query('select ' + a)"),
      file('src/lib/c.ts', 'eval(text)'),
      file('src/lib/d.ts', "new Function('a', text)"),
      file('src/lib/e.ts', 'spawn(program, args, { shell: true })'),
      file('src/lib/f.ts', 'execSync(`ls ${folder}`)'),
      file('portal/pages/A.tsx', 'const a = <p dangerouslySetInnerHTML={{ __html: text }} />'),
      file('portal/pages/B.tsx', 'element.innerHTML = text'),
      file('portal/pages/C.tsx', 'const a = <a href={entity.url}>x</a>'),
      file('src/services/a.ts', "new RegExp(question.pattern, 'u').test(answer)"),
    ],
    innocent: [
      file('src/lib/a.ts', 'realpathSync.native(path)\nawait realpath(path)'),
      file('src/store/a.ts', "sql`select ${sql.raw('now()')} where a = ${a}`"),
      file('src/store/c.ts', "const list = { a: 'b' }\nsql`${sql.raw(list[key])} ${sql.ref(column)}`"),
      file('src/store/b.ts', "pool.query('select * from t where a = $1', [a])"),
      file('src/lib/b.ts', "spawn(program, args, { shell: false })\nconst words = { shell: ['bash', 'zsh'] }"),
      file('src/lib/c.ts', "const part = '[a-z]'\nconst word = new RegExp(`^${part}$`)"),
      file(
        'src/store/migrations/0001-a.ts',
        'for (const statement of statements) await sql.raw(statement).execute(db)',
      ),
    ],
  },
  {
    promise: 'every adapter runs the contract of its port',
    check: adapterContracts,
    files: readCode,
    planted: [
      file('src/adapters/git-host/gitea/gitea.ts', ''),
      file('src/adapters/git-host/gitea/gitea.test.ts', "import { describeCi } from '#ports/ci.contract.ts'"),
    ],
    innocent: [file('src/adapters/ci/local/local.test.ts', "import { describeCi } from '#ports/ci.contract.ts'")],
  },
  {
    promise: 'help of the command line loads next to nothing',
    check: quickStart,
    files: readCode,
    planted: [
      file('src/main/cli.ts', "import { z } from 'zod'"),
      file('src/main/cli.ts', "export { type Client } from 'openapi-fetch'"),
      file('src/main/cli.ts', "import { type Client } from 'openapi-fetch'"),
      file('src/cli/commands/new.ts', "import { parse } from 'yaml'"),
    ],
    innocent: [
      file('src/main/cli.ts', "import { Command } from 'commander'\nimport { runCli } from '#cli/run-cli.ts'"),
      file('src/cli/run-cli.ts', "import type { z } from 'zod'\nconst yaml = () => import('yaml')"),
      file('src/cli/commands/new.ts', "import createClient from 'openapi-fetch'"),
    ],
  },
]

for (const { promise, check, files, planted, innocent } of rules) {
  describe(promise, () => {
    test('the rule finds every planted violation and accuses no innocent file', () => {
      for (const one of planted) assert.notDeepEqual(check([one]), [], `${one.path} passes: ${one.text.slice(0, 80)}`)
      assert.deepEqual(listed(check(innocent)), [])
    })

    test('the checkout keeps it', () => {
      const checked = files()
      assert.ok(checked.length > 10, 'the rule looks at almost nothing')
      assert.deepEqual(listed(check(checked)), [])
    })
  })
}

test('every error code is documented, and no other', () => {
  const codes = Object.keys(catalogue)
  const page = readCheckout(/^docs\/reference\/errors\.md$/)[0] ?? file('docs/reference/errors.md', '')

  assert.deepEqual(listed(errorCodes(codes, page)), [])
  assert.equal(errorCodes(['NEW_CODE', ...codes], page).length, 1)
  assert.equal(errorCodes(codes.slice(1), page).length, 1)
})

test('docs/security.md has every threat and every fault once, and names no test that is not there', () => {
  const page = readCheckout(/^docs\/security\.md$/)[0] ?? file('docs/security.md', '')
  const changed = (from: string | RegExp, to: string) =>
    securityTable([file(page.path, page.text.replace(from, to))]).length

  assert.deepEqual(listed(securityTable([page])), [])
  assert.equal(changed(/^\| T01 .*\n/m, ''), 1)
  assert.equal(changed('| T01 |', '| T90 |'), 2)
  assert.equal(changed('| T02 |', '| T01 |'), 2)
  assert.equal(changed(/^(\| T\d+ \| [^|]+ \| test \| [^:|]+: )/m, '$1not '), 1)
  assert.equal(changed(/^(\| T\d+ \| [^|]+ \| n\/a \| ).*$/m, '$1later |'), 1)
  assert.equal(changed(/^(\| T\d+ \| [^|]+ \| )test/m, '$1done'), 1)
})
