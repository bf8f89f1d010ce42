import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routeNeeds, undeclared } from '#access/route-needs.ts'
import { allRoutes } from '#api/contract/all.ts'
import { listed, readCode } from './checkout.ts'
import { serviceAccess } from './service-access.ts'

test('every route of the contract says what it asks of whom, in src/access/route-needs.ts', () => {
  const ids = allRoutes.map(({ id }) => id)

  assert.deepEqual(
    undeclared(
      allRoutes.map(({ method, path }) => `${method} ${path}`),
      allRoutes,
    ),
    [],
  )
  assert.deepEqual(
    Object.keys(routeNeeds).filter((id) => !ids.includes(id)),
    [],
    'no such route',
  )
  for (const { id, access } of allRoutes) assert.equal(routeNeeds[id] === 'nobody', access === 'anonymous', id)
  assert.deepEqual(undeclared(['GET /api/v1/dump', 'HEAD /healthz'], allRoutes), ['GET /api/v1/dump'])
})

test('every service that a route calls asks can()', () => {
  const planted = [
    { path: 'src/services/dump.ts', text: 'export async function dump(platform) { return rows(platform) }' },
    { path: 'src/api/routes/dump.ts', text: "import { dump } from '#services/dump.ts'" },
  ]
  const code = readCode().filter(({ path }) => path.startsWith('src/'))

  assert.equal(serviceAccess(planted).length, 1)
  assert.deepEqual(listed(serviceAccess(code)), [])
  assert.equal(serviceAccess([...code, ...planted]).length, 1)
})
