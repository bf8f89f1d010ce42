import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { problem } from '../http/problem.ts'
import { readBody } from '../http/read-body.ts'
import type { Log } from '../log.ts'
import { type Item, NewItem } from './item.ts'

/** An example to replace: it shows validation, errors and logs. Items live in this process only, and the oldest go first. */
export function itemRoutes(log: Log, most = 1_000): Hono {
  const items = new Map<string, Item>()
  const routes = new Hono()

  routes.get('/items', (c) => c.json({ items: [...items.values()] }))

  routes.post('/items', async (c) => {
    const body = await readBody(c, NewItem)
    if ('refusal' in body) return body.refusal
    const item: Item = { id: randomUUID(), ...body.value, createdAt: new Date().toISOString() }
    const [oldest] = items.keys()
    if (oldest && items.size >= most) items.delete(oldest)
    items.set(item.id, item)
    log.info('item created', { item: item.id })
    return c.json(item, 201, { location: `/items/${item.id}` })
  })

  routes.get('/items/:id', (c) => {
    const item = items.get(c.req.param('id'))
    return item ? c.json(item) : problem({ status: 404, detail: 'There is no item with this id.' })
  })

  return routes
}
