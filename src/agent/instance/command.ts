import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { notHere } from '../desired/not-here.ts'
import type { WorkloadSpec } from '../desired/workload-spec.ts'
import type { UnpackedImage } from '../unpack-image.ts'
import type { WorkloadRoot } from './root.ts'

interface CommandRequest {
  readonly spec: WorkloadSpec
  readonly image: UnpackedImage
  readonly root: WorkloadRoot
  /** The pinned Node that stands in for the image's base. */
  readonly node: string
  /** A command inside the container instead of its own, as probes have them. */
  readonly exec: readonly string[] | undefined
}

/** The image's own entrypoint and command, or the manifest's, under this machine's Node. Any other program is not here. */
export function commandOf({ spec, image, root, node, exec }: CommandRequest): string[] {
  const [program = '', ...rest] = exec ?? [
    ...(spec.command ?? image.entrypoint),
    ...(spec.args ?? (spec.command ? [] : image.cmd)),
  ]
  if (basename(program) !== 'node' || (program !== 'node' && program !== '/usr/local/bin/node'))
    throw notHere(`it starts ${program || 'nothing'}, and Fairway’s Node base has no program but node`)
  return [node, ...rest.map((word) => (root.mapped ? onThisMachine(word, root.path) : word))]
}

// Without a sandbox the image's paths are not visible where it expects them.
function onThisMachine(word: string, root: string): string {
  const place = join(root, word)
  return word.startsWith('/') && place.startsWith(`${root}/`) && existsSync(place) ? place : word
}
