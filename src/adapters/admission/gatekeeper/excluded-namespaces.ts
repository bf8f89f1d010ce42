import { z } from 'zod'
import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import type { DoorProblem } from '#model/admission.ts'

const Config = z.object({
  match: z
    .array(
      z.object({ excludedNamespaces: z.array(z.string()).default([]), processes: z.array(z.string()).default([]) }),
    )
    .default([]),
})

/** Our namespaces that Gatekeeper's own Config keeps from its webhook. */
export function excludedNamespaces(
  config: KubernetesObject | undefined,
  namespaces: readonly { readonly name: string }[],
): DoorProblem[] {
  const { match } = Config.safeParse(config?.['spec'] ?? {}).data ?? { match: [] }
  const patterns = match
    .filter(({ processes }) => processes.includes('*') || processes.includes('webhook'))
    .flatMap(({ excludedNamespaces: excluded }) => excluded)
  return namespaces
    .filter(({ name }) => patterns.some((pattern) => fits(pattern, name)))
    .map(({ name }) => ({
      what: `Gatekeeper's Config excludes the namespace ${name} from its webhook`,
      fix: `take it out of spec.match of the Config in Gatekeeper's namespace`,
    }))
}

/** Gatekeeper takes one star, at the beginning or the end. */
function fits(pattern: string, name: string): boolean {
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1))
  return pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : name === pattern
}
