import type { Offer } from './offers.ts'
import type { Scene } from './scene.ts'

/**
 * In what the three differ that offer something to one person, or do not. Whoever may not is refused by the command line
 * for real, with the code of the API; for whoever may, only what has a dry run is tried.
 */
export async function offersDiffer(
  scene: Scene,
  { offer, person, cliAs = person }: { offer: Offer; person: string; cliAs?: string },
): Promise<readonly string[]> {
  const api = await scene.api(person, offer.api(scene))
  const isOffered = !api.code && offer.isOffered(api.body as never)
  const said = (what: string) =>
    `${offer.name}, as ${person}: ${isOffered ? 'offered' : 'not offered'} by the API, ${what}`
  const faults: string[] = []
  if (isOffered) {
    if (offer.dry) {
      const real =
        cliAs === person ? await scene.cli(cliAs, offer.dry(scene)) : await scene.cli(cliAs, offer.real(scene))
      if (real.exit !== 0) faults.push(said(`the command line ends with ${real.exit}: ${real.stderr.slice(0, 200)}`))
    }
  } else {
    const refused = await scene.cli(cliAs, [...offer.real(scene), '--json'])
    if (refused.exit === 0 || refused.code === undefined)
      faults.push(said(`the command line did it, or ended with ${refused.exit} without a code`))
  }
  if (scene.hasPortal) {
    const shown = await scene.control(person, offer.page(scene), offer.control)
    if (shown !== isOffered) faults.push(said(`${shown ? 'offered' : 'not offered'} by the page`))
  }
  return faults
}
