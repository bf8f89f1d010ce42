import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fairwayProgram } from '../../testing/cli.ts'
import { startPlatform, type TestPlatform } from '../../testing/start-platform.ts'

const page = new URL('../../docs/guide/how-do-i.md', import.meta.url)

test('every line of docs/guide/how-do-i.md does what the page says, in its order', { timeout: 480_000 }, async (t) => {
  const platform = await startPlatform(t)
  const folder = await mkdtemp(join(tmpdir(), 'fairway-how-do-i-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await symlink(fairwayProgram, join(folder, 'fairway'))
  const questions = questionsOf(await readFile(page, 'utf8'))
  assert.ok(questions.length >= 20, `${questions.length} questions`)

  for (const { question, lines } of questions)
    await t.test(question, async () => {
      const { exit, words } = await type(platform, { folder, script: scriptOf(lines, platform) })
      assert.equal(exit, 0, words)
    })
})

/** Each heading that has an example, with the example's lines. */
function questionsOf(text: string): { question: string; lines: readonly string[] }[] {
  return text.split(/^## /m).flatMap((section) => {
    const [, example] = /```sh\n(.*?)```/s.exec(section) ?? []
    return example === undefined ? [] : [{ question: section.split('\n')[0] ?? '', lines: example.trim().split('\n') }]
  })
}

/** The lines as a script that ends at the first one which does not end as the page says: with 0, or with `# exit N`. */
function scriptOf(lines: readonly string[], { port, gatewayPort }: TestPlatform): string {
  const checked = lines.map((line) => {
    const [, command = line, code = '0'] = /^(.*?)\s*# exit (\d+)$/.exec(line) ?? []
    return `echo ${JSON.stringify(`$ ${command.replaceAll(/[$`"\\]/g, '')}`)}\n${command}\n[ $? = ${code} ] || exit 99`
  })
  return checked.join('\n').replaceAll(':7080', `:${gatewayPort}`).replaceAll(':7007', `:${port}`)
}

function type(
  platform: TestPlatform,
  { folder, script }: { folder: string; script: string },
): Promise<{ exit: number; words: string }> {
  return new Promise((resolve) => {
    execFile('bash', ['-c', script], { cwd: folder, env: platform.env, timeout: 180_000 }, (error, stdout, stderr) => {
      resolve({ exit: error === null ? 0 : Number(error.code ?? 1), words: `${stdout}\n${stderr}` })
    })
  })
}
