import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { bundleFromFolder, dataOf, readSources } from '#adapters/policy/local/bundle.ts'
import { localPolicy } from '#adapters/policy/local/local.ts'
import type { Policy } from '#ports/policy.ts'
import type { ClusterRequest } from '#render/cluster/request.ts'
import { admissionQuestion } from '../../testing/admission-question.ts'
import { environmentNamed } from '../../testing/arbitrary-workload.ts'
import { labFacts } from '../../testing/lab.ts'
import { type Answer, type Door, openDoor } from './gates-agree/door.ts'
import type { Json } from './gates-agree/mutations.ts'
import { arbitraryObject } from './gates-agree/objects.ts'

export const small = 60
export const usual = 1_000
/** The engine of the lab that it is tried against; without it the proof is not run. */
export const needsLab = 'gatekeeper'

const folder = fileURLToPath(new URL('../../policies', import.meta.url))
const atOnce = 6

/**
 * Judges random Kubernetes objects by the rules in this process and by a real cluster's admission (server-side dry run).
 * Holds when both say the same, word for word, of every object that reaches the rules. `planted` gives the cluster other
 * registries: a proof that could not fail would not notice.
 */
export async function prove({ seed, size, planted = false }: { seed: number; size: number; planted?: boolean }) {
  const { facts, skip } = await labFacts(needsLab)
  if (skip !== false) throw new Error(skip)
  const name = `ga${randomBytes(4).toString('hex')}`
  const request = await requestFor(name)
  const policy = await inProcess()
  const { environment } = request
  const spec = { ...environment.spec, registries: ['registry.example.com'] }
  const door = await openDoor(
    facts['kubeconfig'] ?? '',
    planted ? { ...request, environment: { ...environment, spec } } : request,
  )
  try {
    const samples = fc.sample(arbitraryObject(environment), { seed, numRuns: size })
    return await compareAll(samples, { door, policy, request })
  } finally {
    await Promise.all([door.close(), policy.close()])
  }
}

interface Sides {
  readonly door: Door
  readonly policy: Policy
  readonly request: ClusterRequest
}

async function compareAll(samples: readonly { object: Json; mutated: readonly string[] }[], sides: Sides) {
  const figures = {
    objects: samples.length,
    compared: 0,
    allowed: 0,
    denied: 0,
    messages: 0,
    refusedBeforeTheRules: 0,
    disagreements: 0,
  }
  const kinds: Record<string, number> = {}
  /** The API server's defaults changed what the rules say. */
  const otherwiseAsWritten: Record<string, number> = {}
  const examples: object[] = []
  const queue = [...samples]
  const lane = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const { here, there, kind, isCompleted } = await compare(next.object, sides)
      if (there.kind === 'not-asked') {
        figures.refusedBeforeTheRules += 1
        continue
      }
      figures.compared += 1
      if (isCompleted) otherwiseAsWritten[kind] = (otherwiseAsWritten[kind] ?? 0) + 1
      kinds[kind] = (kinds[kind] ?? 0) + 1
      figures[here.length === 0 ? 'allowed' : 'denied'] += 1
      figures.messages += here.length
      if (JSON.stringify(here) === JSON.stringify(there.words)) continue
      figures.disagreements += 1
      if (examples.length < 3) examples.push({ kind, mutated: next.mutated, here, there: there.words })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  const isTried = figures.allowed > 0 && figures.denied > 0 && figures.compared > samples.length / 2
  return {
    // What Fairway delivers is a Deployment: the change gate judges it as it is written.
    holds: isTried && figures.disagreements === 0 && otherwiseAsWritten['Deployment'] === undefined,
    figures: { ...figures, kinds, otherwiseAsWritten, ...(examples.length > 0 && { examples }) },
  }
}

/**
 * Both judge the object as the API server completes it: a pod without requests gets those of its limits, a Job without
 * labels those of its pods. Where that changes what the rules say of the text as it was written, it is counted.
 */
async function compare(object: Json, { door, policy, request }: Sides): Promise<Compared> {
  const words = async (judged: Json) => {
    const { findings } = await policy.evaluate(admissionQuestion(request, judged))
    return findings.map(({ policy: rule, message }) => `${rule}: ${message}`).toSorted()
  }
  const completed = await door.completed(object)
  const [here, asWritten, there] = await Promise.all([words(completed ?? object), words(object), door.try(object)])
  return { here, there, isCompleted: JSON.stringify(here) !== JSON.stringify(asWritten), kind: String(object['kind']) }
}

interface Compared {
  readonly here: string[]
  readonly there: Answer
  readonly isCompleted: boolean
  readonly kind: string
}

/** The shipped rules, those for production in force in this environment too. */
async function requestFor(name: string): Promise<ClusterRequest> {
  const rules = (await readSources(folder)).map(({ path, text }) => ({
    path,
    text: path.endsWith('policy.yaml') ? text.replace('environments: [production]', 'environments: []') : text,
  }))
  return { environment: environmentNamed(name), environments: [name], teams: ['team-a', 'team-b'], rules }
}

async function inProcess() {
  const bundle = await bundleFromFolder(folder)
  const policies = bundle.policies.map((policy) => ({ ...policy, spec: { ...policy.spec, environments: [] } }))
  return localPolicy({ bundle: { ...bundle, policies, data: dataOf(policies) }, deadlineMs: 10_000 })
}
