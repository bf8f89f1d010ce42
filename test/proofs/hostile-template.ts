import { proveBombs } from './hostile-template/bombs.ts'
import { proveEscapes } from './hostile-template/escapes.ts'
import { provePaths } from './hostile-template/paths.ts'
import { proveSecondOrder } from './hostile-template/second-order.ts'

/** Answers rendered into every context; the other parts are as large in proportion. */
export const small = 300
export const usual = 10_000

/**
 * Tries to leave the template language from every place of a golden path, to be read as something else by the next
 * reader, to write outside, and to render without end. Holds when no output has data of the host, every accepted answer
 * reads back as it was given in every format, no path leaves the tree, and every endless rendering ends as
 * TEMPLATE_LIMIT while other renderings go on.
 */
export async function prove({ seed, size }: { seed: number; size: number }): Promise<{
  holds: boolean
  figures: Record<string, number>
}> {
  const escapes = await proveEscapes({ seed, size })
  const answers = proveSecondOrder({ seed, size })
  const paths = provePaths({ seed, size: size * 10 })
  const bombs = await proveBombs({ seed, size: size < 1_000 ? 2 : 12 })
  const figures = { ...escapes, ...answers, ...paths, ...bombs }
  const faults =
    escapes.leaks + escapes.polluted + answers.changed + paths.outside + bombs.notLimited + bombs.othersHeldUp
  const tried =
    escapes.rendered > 0 && answers.accepted > size / 10 && paths.pathsAccepted > 0 && bombs.othersServed > 0
  return { holds: faults === 0 && tried, figures }
}
