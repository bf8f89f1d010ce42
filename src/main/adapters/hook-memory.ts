import { forgetDeliveries, seenBefore } from '#store/hook-delivery.ts'
import type { Database } from '#store/database.ts'
import type { AdapterNeeds } from './product.ts'

const forgetEvery = 1000

/** Remembers what hooks brought, in PostgreSQL, and forgets what is old now and then. */
export function hookMemory(db: Database): AdapterNeeds['seenBefore'] {
  let taken = 0
  return async (sender, marks) => {
    if (taken++ % forgetEvery === 0) await forgetDeliveries(db)
    return seenBefore(db, sender, marks)
  }
}
