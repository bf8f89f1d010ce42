import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../../testing/database.ts'
import { appendAudit } from './audit.ts'
import { insertRun, pushersOf } from './run.ts'

const [pushed, other] = ['a'.repeat(40), 'b'.repeat(40)]

test('who pushed counts also where the release was started by who noticed the commit first, whatever it says', async (t) => {
  const { db } = await testDatabase(t)
  const release = { workflow: 'release' as const, service: 'shop', team: 'team-a', steps: [] }
  await insertRun(db, { ...release, id: 'noticed1', requestedBy: 'platform', input: { commit: pushed } })
  const push = { action: 'git.push', phase: 'act' as const, result: 'ok' as const }
  await appendAudit(db, { ...push, actor: 'dev2', object: 'repository:team-a/shop', commit: pushed })
  await appendAudit(db, { ...push, actor: 'dev3', object: 'repository:team-a/shop', commit: other })
  await appendAudit(db, { ...push, actor: 'dev3', object: 'repository:team-b/shop', commit: pushed })

  const pushers = await pushersOf(db, { service: 'shop', repository: 'team-a/shop' }, [pushed])

  assert.deepEqual(pushers.toSorted(), ['dev2', 'platform'])
})
