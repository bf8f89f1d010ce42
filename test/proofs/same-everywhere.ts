import { answersDiffer } from './same-everywhere/answers.ts'
import { facts } from './same-everywhere/facts.ts'
import { offers } from './same-everywhere/offers.ts'
import { offersDiffer } from './same-everywhere/offers-differ.ts'
import { openScene } from './same-everywhere/scene.ts'

const people = ['dev', 'dev2', 'dev3', 'platform', 'sec', 'auditor'] as const

/** Every fact and every offer once, asked for by some of the people. */
export const small = facts.length + offers.length
/** Every fact and every offer, as each of them. */
export const usual = (facts.length + offers.length) * people.length

/**
 * What portal, command line and API answer and offer to one person is the same: facts are compared as JSON and as what
 * people read, refusals by their code, and acts by whether they are to be had. A difference is planted in one of each, and
 * has to be found. Without Chromium the portal is not compared, and the figures say so.
 */
export async function prove({ seed, size }: { seed: number; size: number }): Promise<{
  holds: boolean
  figures: Record<string, unknown>
}> {
  const scene = await openScene()
  try {
    const faults: string[] = []
    for (const { fact, offer, person } of cells(seed, size)) {
      if (fact) faults.push(...(await answersDiffer(scene, { fact, person })))
      if (offer) faults.push(...(await offersDiffer(scene, { offer, person })))
    }
    const planted = await plantedFound(scene)
    for (const fault of faults) console.error(fault)
    const portal = scene.hasPortal ? 'compared' : 'not compared: there is no Chromium here'
    return {
      holds: faults.length === 0 && planted.every(Boolean),
      figures: {
        cells: size,
        facts: facts.length,
        offers: offers.length,
        people: people.length,
        portal,
        planted,
        faults,
      },
    }
  } finally {
    await scene.close()
  }
}

interface Cell {
  readonly fact?: (typeof facts)[number]
  readonly offer?: (typeof offers)[number]
  readonly person: string
}

/** Each fact and offer before any a second time; who asks goes round from the seed on. */
function cells(seed: number, size: number): Cell[] {
  const what: Omit<Cell, 'person'>[] = [...facts.map((fact) => ({ fact })), ...offers.map((offer) => ({ offer }))]
  return Array.from({ length: size }, (_, index) => {
    const person = people[(seed + index + Math.floor(index / what.length)) % people.length] ?? 'dev'
    return { ...what[index % what.length], person }
  })
}

/** Answers about something else, and offers to somebody else, must not pass for the same. */
async function plantedFound(scene: Awaited<ReturnType<typeof openScene>>): Promise<boolean[]> {
  const [fact] = facts
  const [offer] = offers
  if (!fact || !offer) return [false]
  const other = { ...fact, cli: ['status', scene.other] }
  const wrong = await answersDiffer(scene, { fact: other, person: 'dev' })
  const elsewhere = scene.hasPortal
    ? await answersDiffer(scene, {
        fact: { ...fact, page: () => `/catalog/component/default/${scene.other}` },
        person: 'dev',
      })
    : ['not asked']
  const misled = await offersDiffer(scene, { offer, person: 'dev', cliAs: 'dev3' })
  return [wrong, elsewhere, misled].map((found) => found.length > 0)
}
