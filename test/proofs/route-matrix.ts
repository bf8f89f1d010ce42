import { undeclared } from '#access/route-needs.ts'
import { allRoutes } from '#api/contract/all.ts'
import { startTestControlPlane } from '../../testing/control-plane.ts'
import { withHooks } from '../../testing/last-first.ts'
import { ask, verdict } from './route-matrix/ask.ts'
import { allCells, type Cell } from './route-matrix/cells.ts'
import { makeObjects } from './route-matrix/objects.ts'
import { addGuest } from './route-matrix/people.ts'

export const small = 600
export const usual = 20_000

/**
 * Asks a real control plane every address × role and team × carrier of a credential, `size` of them drawn by `seed` (all
 * when there are no more), and compares with the tables of src/access. Holds when no answer is another, no address is
 * undeclared, and the judge itself finds a planted address and a planted answer.
 */
export async function prove({ seed, size }: { seed: number; size: number }) {
  return withHooks(async (hooks) => {
    const plane = await startTestControlPlane(hooks)
    await addGuest(plane)
    const all = allCells(await makeObjects(plane), plane.key)
    const cells = drawn(all, { seed, size })
    const found: string[] = []
    let unexpected = 0
    await inTurn(cells, async (cell) => {
      const answer = await ask(plane, cell)
      const wrong = verdict(cell.expected, answer)
      if (wrong && answer.status < 300) unexpected++
      for (const fault of [...(wrong ? [wrong] : []), ...answer.faults]) found.push(`${nameOf(cell)}: ${fault}`)
    })
    const notDeclared = undeclared(plane.addresses, allRoutes)
    for (const line of [
      ...notDeclared.map((address) => `${address} is not declared`),
      ...found.toSorted().slice(0, 40),
    ])
      console.error(line)
    const figures = {
      routes: new Set(all.map(({ asked }) => `${asked.method} ${asked.path.split('?')[0]}`)).size,
      addresses: plane.addresses.length,
      cells: cells.length,
      cellsInAll: all.length,
      unexpected,
      wrong: found.length,
      undeclared: notDeclared.length,
      plantedFound: planted(plane.addresses),
    }
    return { holds: found.length === 0 && notDeclared.length === 0 && figures.plantedFound === 4, figures }
  })
}

/** A judge that finds nothing proves nothing. */
function planted(addresses: readonly string[]): number {
  return [
    undeclared([...addresses, 'GET /api/v1/dump'], allRoutes).length === 1,
    verdict('sign in', { status: 200, code: undefined }) !== undefined,
    verdict('not allowed', { status: 404, code: 'NOT_FOUND' }) !== undefined,
    verdict('open', { status: 403, code: 'NOT_ALLOWED' }) !== undefined,
  ].filter(Boolean).length
}

function nameOf({ route, visitor, carrier, asked }: Cell): string {
  return `${route} (${asked.method} ${asked.path}) as ${visitor.name} (${visitor.session}) by ${carrier}`
}

/** In the order of the seed, so that no act is always the first on its object. */
function drawn(cells: readonly Cell[], { seed, size }: { seed: number; size: number }): Cell[] {
  let state = seed >>> 0
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  }
  const keyed = cells.map((cell) => ({ cell, key: next() }))
  return keyed
    .toSorted((a, b) => a.key - b.key)
    .slice(0, size)
    .map(({ cell }) => cell)
}

async function inTurn(cells: readonly Cell[], act: (cell: Cell) => Promise<void>): Promise<void> {
  const rest = cells.values()
  const worker = async () => {
    for (const cell of rest) await act(cell)
  }
  await Promise.all(Array.from({ length: 6 }, worker))
}
