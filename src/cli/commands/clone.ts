import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { resolve } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand, type Invocation } from '../command.ts'

const run = promisify(execFile)

export const clone = defineCommand({
  usage: 'clone <service> [folder]',
  summary: 'Clone a service’s repository and set up its credential',
  examples: ['fairway clone shop', 'fairway clone fairway/platform'],
  fields: ['folder', 'repository', 'person'],
  async run({ args, api, session, local, out }) {
    const [wanted = '', folder] = args
    const client = await api()
    const [owner = '', repo = ''] = wanted.split('/')
    const address = wanted.includes('/')
      ? (await dataOf(client.GET('/api/v1/repositories/{owner}/{repo}', { params: { path: { owner, repo } } })))
          .cloneUrl
      : (await dataOf(client.GET('/api/v1/services/{name}', { params: { path: { name: wanted } } }))).repository
          .cloneUrl
    const { person } = await dataOf(client.GET('/api/v1/me'))
    const target = resolve(folder ?? wanted.split('/').at(-1) ?? wanted)
    const key = `credential.${new URL(address).origin}`
    const ours = new URL(address).origin === new URL(session.server).origin
    const helper = `!${shellWord(local.program)} git-credential --server ${shellWord(session.server)} --as ${person.name}`
    await git([
      'clone',
      '--quiet',
      // another Git host knows its own credentials: those that Git asks for there anyway
      ...(ours ? ['-c', `${key}.helper=`, '-c', `${key}.helper=${helper}`] : []),
      '-c',
      `${key}.username=${person.name}`,
      '--',
      address,
      target,
    ])
    await git(['-C', target, 'config', 'user.name', person.displayName])
    await git(['-C', target, 'config', 'user.email', person.email ?? `${person.name}@fairway.local`])
    out.result(
      { folder: target, repository: address, person: person.name },
      () => `Cloned into ${target}. Commits there are ${person.displayName}'s; push with: git push`,
      () => target,
    )
    return 0
  },
})

export const gitCredential = defineCommand({
  usage: 'git-credential <operation>',
  summary: 'Answer Git’s credential question for this server only',
  fields: [],
  async run({ args, session, stdin }) {
    if (args[0] !== 'get') return 0
    const asked = await question(stdin)
    const server = new URL(session.server)
    if (asked.get('protocol') !== server.protocol.slice(0, -1) || asked.get('host') !== server.host) return 0
    const [person, token] = [await session.person(), await session.token()]
    if (person && token) process.stdout.write(`username=${person}\npassword=${token}\n`)
    return 0
  },
})

async function question(stdin: Invocation['stdin']): Promise<Map<string, string>> {
  let text = ''
  for await (const chunk of stdin) text += String(chunk)
  return new Map(
    text
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
  )
}

async function git(argv: readonly string[]): Promise<void> {
  try {
    await run('git', [...argv], { env: { ...process.env, GIT_TERMINAL_PROMPT: '0' } })
  } catch (cause) {
    const stderr = ((cause as { stderr?: string }).stderr ?? '').trim()
    throw new PlatformError('GIT_FAILED', stderr.split('\n').at(-1) ?? 'git failed', { cause })
  }
}

/** Git runs credential helpers by a shell: the path of this program stands in single quotes. */
function shellWord(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
