import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Person } from '#model/people.ts'
import { endSession, startSession } from '#store/session.ts'
import type { TestControlPlane } from '../../../testing/control-plane.ts'

const run = promisify(execFile)

/** Who asks. `session` is what became of the session: one that ended, or whose person left, is nobody's. */
export interface Visitor {
  readonly name: string
  readonly roles: Person['roles']
  readonly teams: readonly string[]
  readonly session: 'good' | 'none' | 'revoked' | 'expired' | 'of somebody who left'
}

const visitor = (name: string, roles: Person['roles'], teams: readonly string[]): Visitor => ({
  name,
  roles: [...roles, 'viewer'],
  teams,
  session: 'good',
})
const owner = visitor('dev', ['developer'], ['team-a'])

/** Every role, owner and stranger, and every way not to be signed in any more. Objects of the matrix belong to team-a. */
export const visitors: readonly Visitor[] = [
  owner,
  visitor('dev2', ['developer'], ['team-a']),
  visitor('dev3', ['developer'], ['team-b']),
  visitor('platform', ['platform-engineer'], ['platform']),
  visitor('sec', ['security-engineer'], ['security']),
  visitor('auditor', ['auditor'], ['auditors']),
  visitor('guest', [], []),
  { ...owner, session: 'none' },
  { ...visitor('platform', ['platform-engineer'], ['platform']), session: 'revoked' },
  { ...visitor('platform', ['platform-engineer'], ['platform']), session: 'expired' },
  { ...visitor('gone', ['platform-engineer'], ['platform']), session: 'of somebody who left' },
]

/** A session of its own for one request, as it would be found; undefined for nobody. */
export async function sessionOf(
  { db }: TestControlPlane,
  { name, session }: Visitor,
  carrier: 'cookie' | 'token',
): Promise<string | undefined> {
  if (session === 'none') return undefined
  const { token } = await startSession(db, { person: name, carrier, hours: session === 'expired' ? -1 : 1 })
  if (session === 'revoked') await endSession(db, token)
  return token
}

/** A person of no team: the seeded organisation has none. */
export async function addGuest({ dataFolder }: TestControlPlane): Promise<void> {
  const bare = join(dataFolder, 'git/fairway/platform.git')
  const folder = await mkdtemp(join(tmpdir(), 'fairway-guest-'))
  const git = (...argv: string[]) => run('git', ['-C', folder, ...identity, ...argv])
  try {
    await git('clone', '-q', '--branch', 'main', bare, '.')
    const users = join(folder, 'org/users.yaml')
    const guest = [
      '---',
      'apiVersion: backstage.io/v1alpha1',
      'kind: User',
      'metadata: { name: guest }',
      'spec: {}',
      '',
    ]
    await writeFile(users, `${(await readFile(users, 'utf8')).trimEnd()}\n${guest.join('\n')}`)
    await git('commit', '-qam', 'Add a guest')
    await git('push', '-q', 'origin', 'HEAD:main')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com']
