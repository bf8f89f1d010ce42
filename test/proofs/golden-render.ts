import fc from 'fast-check'
import { parseScore } from '#render/score/parse-score.ts'
import { refusedObjects } from '#render/score/refused-objects.ts'
import { renderManifests } from '#render/score/render-manifests.ts'
import { namespaceOf } from '#render/score/request.ts'
import { renderTemplate, renderTemplateHere } from '#render/template/render-template.ts'
import { answerProbe } from '../../testing/answer-faults.ts'
import { arbitraryWorkload } from '../../testing/arbitrary-workload.ts'
import { type Example, examples, goldenCommit, renderExample } from '../../testing/golden-paths.ts'
import { goldenWorkload, workloadFolder } from '../../testing/golden-workload.ts'
import { hostileText } from '../../testing/hostile-text.ts'
import { manifestFaults } from '../../testing/kubernetes/validate-manifest.ts'
import { readFolder } from '../../testing/read-folder.ts'

/** Enough to meet every hostile fragment; a full run is 10,000. */
export const small = 200

/**
 * Renders golden paths and manifests `size` times from random valid input. Holds when every answer reads back exactly, every
 * manifest is valid for Kubernetes 1.37, two renders are equal byte for byte, and the committed golden output is what renders now.
 */
export async function prove({ seed, size }: { seed: number; size: number }): Promise<{
  holds: boolean
  figures: Record<string, number>
}> {
  const all = examples()
  const answers = all.map((example) => proveAnswers(example, { seed, size: Math.ceil(size / all.length) }))
  const manifests = proveManifests({ seed, size })
  const guarded = await Promise.all(all.map(rendersAlikeInItsOwnProcess))
  const figures = {
    answersAccepted: sum(answers.map(({ accepted }) => accepted)),
    answersRefused: sum(answers.map(({ refused }) => refused)),
    answersChanged: sum(answers.map(({ changed }) => changed)),
    ...manifests,
    processesThatDiffer: guarded.filter((alike) => !alike).length,
    goldenFiles: sum(all.map((example) => goldenOf(example.folder).length)),
    goldenDifferences: all.filter((example) => !isGolden(example)).length + (isWorkloadGolden() ? 0 : 1),
  }
  const faults = figures.answersChanged + figures.manifestFaults + figures.manifestsThatDiffer
  const holds = faults + figures.processesThatDiffer + figures.goldenDifferences === 0 && figures.answersAccepted > 0
  return { holds, figures }
}

function proveAnswers(example: Example, { seed, size }: { seed: number; size: number }) {
  const probe = answerProbe(example)
  const result = { accepted: 0, refused: 0, changed: 0 }
  for (const [name, text] of fc.sample(fc.tuple(fc.constantFrom(...probe.questions), hostileText()), {
    seed,
    numRuns: size,
  })) {
    const faults = faultsOf(() => probe.faults(name, text))
    if (faults === undefined) result.refused += 1
    else result.accepted += 1
    if (faults && faults.length > 0) result.changed += 1
  }
  return result
}

function proveManifests({ seed, size }: { seed: number; size: number }) {
  const result = { manifests: 0, manifestFaults: 0, manifestsThatDiffer: 0 }
  for (const request of fc.sample(arbitraryWorkload(), { seed, numRuns: size })) {
    const files = renderManifests(request)
    const again = renderManifests({ ...request, score: parseScore(request.scoreText) })
    const namespace = namespaceOf(request.release.owner, request.environment.metadata.name)
    const objects = files.filter(({ path }) => path !== 'kustomization.yaml')
    result.manifests += files.length
    result.manifestFaults += sum(objects.map(({ content }) => manifestFaults(content).length))
    result.manifestFaults += refusedObjects(files, namespace).length
    if (JSON.stringify(files) !== JSON.stringify(again)) result.manifestsThatDiffer += 1
  }
  return result
}

async function rendersAlikeInItsOwnProcess({ template, answers }: Example): Promise<boolean> {
  const request = { files: template, answers, facts: { commit: goldenCommit } }
  const here = JSON.stringify(renderTemplateHere(request))
  const apart = await Promise.all([renderTemplate(request), renderTemplate(request)])
  return apart.every((tree) => JSON.stringify(tree) === here)
}

function isGolden(example: Example): boolean {
  return (
    JSON.stringify([...renderExample(example)].toSorted(byPath)) ===
    JSON.stringify(goldenOf(example.folder).toSorted(byPath))
  )
}

function isWorkloadGolden(): boolean {
  const rendered = renderManifests(goldenWorkload()).map(({ path, content }) => [`expected/${path}`, content])
  return JSON.stringify(rendered) === JSON.stringify(goldenOf(workloadFolder))
}

function goldenOf(folder: string): [string, string][] {
  return [...readFolder(folder)].filter(([path]) => /^(expected|manifests)\//.test(path))
}

/** A file that does not parse any more is the worst of changes. */
function faultsOf(probe: () => string[] | undefined): string[] | undefined {
  try {
    return probe()
  } catch (error) {
    return [String(error)]
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a.localeCompare(b)
}
