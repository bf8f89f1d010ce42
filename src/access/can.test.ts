import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionsOf, can, whoMay } from './can.ts'

const developer = { roles: ['developer', 'viewer'] as const, teams: ['team-a'] }
const person = (
  roles: readonly ('developer' | 'auditor' | 'platform-engineer' | 'viewer')[],
  teams: string[] = [],
) => ({ roles: [...roles], teams })

test('a developer acts on services of their own team only', () => {
  const dev = person(developer.roles, developer.teams)

  assert.equal(can(dev, 'service.promote', 'team-a'), true)
  assert.equal(can(dev, 'service.promote', 'team-b'), false)
  assert.equal(can(dev, 'service.promote'), false)
})

test('an auditor reads everything and changes nothing', () => {
  const auditor = person(['auditor'], ['auditors'])

  assert.deepEqual(actionsOf(auditor), ['audit.read', 'read', 'secret.read'])
  assert.equal(can(auditor, 'secret.write', 'auditors'), false)
  assert.equal(can(auditor, 'audit.read', 'team-a'), true)
  assert.equal(can(auditor, 'run.retry', 'auditors'), false)
})

test('a refusal names who may do it', () => {
  assert.equal(whoMay('service.create', 'team-a'), 'a developer of team-a or a platform-engineer')
})
