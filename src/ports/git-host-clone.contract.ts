import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import type { GitRemote } from './git-host.ts'

/** Paths with their new text; undefined removes the file. */
export type FileMap = Record<string, string | undefined>

export interface Clone {
  git(...args: string[]): Promise<{ code: number; output: string }>
  commit(files: FileMap, options?: { message?: string; amend?: boolean }): Promise<string>
}

/** A clone as a person has one, on `branch` when it exists, else on a new one from main. */
export async function checkout(t: TestContext, remote: GitRemote, branch = 'main'): Promise<Clone> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-clone-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const git = gitIn(folder, remote)
  const must = async (...args: string[]) => {
    const { code, output } = await git(...args)
    assert.equal(code, 0, `git ${args.join(' ')}: ${output}`)
    return output.trim()
  }
  await must('init', '--quiet', `--initial-branch=${branch}`)
  await must('remote', 'add', 'origin', remote.url)
  await must('fetch', '--quiet', 'origin')
  for (const start of [`origin/${branch}`, 'origin/main'])
    if ((await git('checkout', '--quiet', '-B', branch, start)).code === 0) break
  return {
    git,
    async commit(files, { message = 'change', amend = false } = {}) {
      for (const [path, text] of Object.entries(files)) {
        if (text === undefined) await must('rm', '--quiet', path)
        else await must('update-index', '--add', '--cacheinfo', `100644,${await blob(folder, must, text)},${path}`)
      }
      await must('commit', '--quiet', '--allow-empty', '-m', message, ...(amend ? ['--amend'] : []))
      return must('rev-parse', 'HEAD')
    },
  }
}

async function blob(folder: string, must: (...args: string[]) => Promise<string>, text: string): Promise<string> {
  await writeFile(join(folder, '.git', 'draft'), text)
  return must('hash-object', '-w', '.git/draft')
}

function gitIn(folder: string, remote: GitRemote): Clone['git'] {
  const basic = Buffer.from(`${remote.username}:${remote.password}`).toString('base64')
  const settings = {
    [`http.${new URL(remote.url).origin}.extraHeader`]: `Authorization: Basic ${basic}`,
    'user.name': remote.username,
    'user.email': `${remote.username}@example.org`,
  }
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: folder,
    LC_ALL: 'C',
    NO_PROXY: '*',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(Object.keys(settings).length),
  }
  for (const [index, [key, value]] of Object.entries(settings).entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key
    env[`GIT_CONFIG_VALUE_${index}`] = value
  }
  return async (...args) => {
    try {
      const { stdout, stderr } = await promisify(execFile)('git', args, { cwd: folder, env, timeout: 30_000 })
      return { code: 0, output: stdout + stderr }
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as { code: number; stdout?: string; stderr?: string }
      return { code: code ?? -1, output: stdout + stderr }
    }
  }
}
