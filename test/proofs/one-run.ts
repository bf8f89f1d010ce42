import { allRoutes } from '../../src/api/contract/all.ts'
import { preparePlatform, type TestPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { type Answer, type Asker, askerOf, heldElsewhere, sampleOf } from './one-run/requests.ts'

/** Parallel equal requests; the name of the contract says fifty. */
export const small = 50
export const usual = 200

const service = 'one-run'
const wanted = {
  template: 'http-api',
  name: service,
  owner: 'team-a',
  values: { description: 'Asked for many times.' },
}

/**
 * `size` equal requests at once with one Idempotency-Key are one run, whoever else uses the same key, and also when the
 * control plane is killed in their midst and started again. The same key with another request is refused on every
 * writing route of the contract; one that keeps no key is named with its reason.
 */
export async function prove({ seed, size }: { seed: number; size: number }): Promise<{
  holds: boolean
  figures: Record<string, unknown>
}> {
  const platform = await preparePlatform()
  try {
    await platform.start()
    const faults: string[] = []
    const asker = askerOf(platform)
    const key = `one-run-${seed}`
    const first = await manyAtOnce(asker, { key, size, faults })
    await routesRefuse(asker, { key, faults })
    await repeatKept(asker, { key, faults })
    const restart = await cutByRestart(platform, asker, { key: `${key}-cut`, size, faults })
    const again = await asker.send('/api/v1/services', { token: await asker.token('dev'), key, body: wanted })
    if (again.run !== first) faults.push(`behind the restart the key gave ${again.run ?? again.text}, not ${first}`)
    for (const fault of faults) console.error(fault)
    if (faults.length > 0) console.error(await platform.words())
    return { holds: faults.length === 0, figures: { requests: size, ...restart, ...countRoutes(), faults } }
  } finally {
    await platform.remove()
  }
}

interface Asked {
  readonly key: string
  readonly size: number
  readonly faults: string[]
}

/** Equal requests of one person, with the same key of another person and another body among them. */
async function manyAtOnce(asker: Asker, { key, size, faults }: Asked): Promise<string> {
  const [dev, stranger] = [await asker.token('dev'), await asker.token('dev3')]
  const theirs = { ...wanted, name: 'their-run', owner: 'team-b' }
  const equal = Array.from({ length: size }, () => asker.send('/api/v1/services', { token: dev, key, body: wanted }))
  const [other, ...answers] = await Promise.all([
    asker.send('/api/v1/services', { token: stranger, key, body: theirs }),
    ...equal,
  ])
  const runs = new Set(answers.map(({ run, text }) => run ?? text))
  if (runs.size !== 1) faults.push(`${size} equal requests gave ${[...runs].join(', ')}`)
  if (!other.run || runs.has(other.run)) faults.push(`the same key of another person gave ${other.text}`)
  const reordered = { values: wanted.values, owner: wanted.owner, name: wanted.name, template: wanted.template }
  const same = await asker.send('/api/v1/services', { token: dev, key, body: reordered })
  if (same.run !== answers[0]?.run) faults.push(`the same request in another order gave ${same.text}`)
  const changed = await asker.send('/api/v1/services', { token: dev, key, body: { ...wanted, name: 'else' } })
  if (!isConflict(changed)) faults.push(`the same key with another body gave ${changed.status} ${changed.text}`)
  if (changed.text.includes(answers[0]?.run ?? service)) faults.push('the refusal names the first run')
  await oneRun(asker, { service, faults })
  return answers[0]?.run ?? ''
}

/** On each writing route a key that was used for something else is refused; what keeps no key says why. */
async function routesRefuse(asker: Asker, { key, faults }: Omit<Asked, 'size'>): Promise<void> {
  const token = await asker.token('dev')
  const isThere = async () => (await asker.send(`/api/v1/services/${service}`, { token, method: 'GET' })).status === 200
  await waitUntil(isThere, { what: 'the name to be reserved', ms: 60_000 })
  for (const route of allRoutes.filter(({ method }) => method !== 'GET')) {
    if (typeof route.repeat === 'object' || route.id in heldElsewhere) continue
    const sample = sampleOf(route)
    if (!sample) {
      faults.push(`${route.id} has no sample here: add one, or say in the contract why it keeps no key`)
      continue
    }
    const { path, ...request } = sample
    const answer = await asker.send(path, { token, key, ...request })
    if (!isConflict(answer)) faults.push(`${route.id} took a used key: ${answer.status} ${answer.text.slice(0, 200)}`)
  }
}

/** A route that starts no run gives its first answer again, also to requests at the same moment; a failure is not kept. */
async function repeatKept(asker: Asker, { key, faults }: Omit<Asked, 'size'>): Promise<void> {
  const token = await asker.token('platform')
  const refresh = () => asker.send('/api/v1/catalog/refresh', { token, key, body: {} })
  const [one, ...more] = await Promise.all([refresh(), refresh(), refresh()])
  if (one.status >= 300) faults.push(`catalog.refresh gave ${one.status} ${one.text}`)
  if (more.some(({ text }) => text !== one.text)) faults.push('repeats of catalog.refresh gave other answers')
  const missing = { token, key: `${key}-missing`, body: {} }
  const [failed, repeated] = [
    await asker.send('/api/v1/runs/none/retry', missing),
    await asker.send('/api/v1/runs/none/retry', missing),
  ]
  if (failed.code !== 'RUN_UNKNOWN' || repeated.code !== 'RUN_UNKNOWN') faults.push(`a failure gave ${repeated.text}`)
}

/** kill -9 while equal requests are under way, then the same again: whoever got an answer got the run that there is. */
async function cutByRestart(platform: TestPlatform, asker: Asker, { key, size, faults }: Asked) {
  const name = 'cut-run'
  const body = { ...wanted, name }
  const before = await asker.token('dev')
  const requests = Array.from({ length: size }, () => asker.send('/api/v1/services', { token: before, key, body }))
  await Promise.race(requests)
  await platform.killControlPlane()
  const answers = await Promise.all(requests)
  await platform.start()
  const token = await asker.token('dev')
  const after = await asker.send('/api/v1/services', { token, key, body })
  const runs = new Set([after, ...answers.filter(({ run }) => run)].map(({ run, text }) => run ?? text))
  if (runs.size !== 1) faults.push(`requests around a kill gave ${[...runs].join(', ')}`)
  await oneRun(asker, { service: name, faults })
  return { answeredBeforeKill: answers.filter(({ run }) => run).length }
}

async function oneRun(asker: Asker, { service: name, faults }: { service: string; faults: string[] }): Promise<void> {
  const token = await asker.token('dev')
  const { text } = await asker.send(`/api/v1/runs?service=${name}&limit=50`, { token, method: 'GET' })
  const { items } = JSON.parse(text) as { items: { id: string }[] }
  if (items.length !== 1) faults.push(`${name} has ${items.length} runs`)
}

function isConflict({ status, code }: Answer): boolean {
  return status === 409 && code === 'IDEMPOTENCY_CONFLICT'
}

function countRoutes() {
  const writing = allRoutes.filter(({ method }) => method !== 'GET')
  const free = writing.filter(({ repeat }) => typeof repeat === 'object')
  return { writingRoutes: writing.length, withoutKey: free.map(({ id }) => id), heldElsewhere }
}
