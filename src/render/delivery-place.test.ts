import assert from 'node:assert/strict'
import { posix } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { deliveryPlace } from './delivery-place.ts'

test('the place is made of environment and service', () => {
  assert.equal(deliveryPlace('shop', 'dev'), 'envs/dev/shop')
})

test('nothing that is not a name gets a place, and no place lies outside its environment', () => {
  const names = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('..', '.', '', 'a/b', '../../clusters', 'shop\0', 'shop\n', 'ＳＨＯＰ', 'shop'),
    fc.stringMatching(/^[a-z][a-z0-9-]{0,45}$/),
  )
  fc.assert(
    fc.property(names, names, (service, environment) => {
      let place: string
      try {
        place = deliveryPlace(service, environment)
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'NAME_INVALID')
        return
      }
      assert.equal(posix.normalize(place), place)
      assert.deepEqual(place.split('/'), ['envs', environment, service])
    }),
    { numRuns: 5_000 },
  )
})
