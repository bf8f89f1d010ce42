import { z } from 'zod'
import { Name } from '#model/names.ts'
import { checkPolicyStep } from '../deliver/check-policy.ts'
import { closeProposal } from '../deliver/close-change.ts'
import { deliverChange, deliverSteps, HandOver } from '../deliver/deliver.ts'
import { openChangeStep } from '../deliver/open-change.ts'
import { mayApprovePromotion } from '../deliver/approvals.ts'
import { renderManifestsStep } from '../deliver/render-manifests.ts'
import { settleApprovalStep } from '../deliver/settle-approval.ts'
import { defineWorkflow, type Ending, type Flow } from '../engine/workflow.ts'
import { attestImageStep } from './attest-image.ts'
import { buildStep } from './build.ts'
import { publishStep } from './publish.ts'
import { readRepositoryStep } from './read-repository.ts'
import { recordReleaseStep } from './record-release.ts'

export const releaseSteps = [
  readRepositoryStep,
  buildStep,
  publishStep,
  attestImageStep,
  recordReleaseStep,
  renderManifestsStep,
  checkPolicyStep,
  openChangeStep,
  settleApprovalStep,
] as const

export const ReleaseInput = z.object({
  service: Name,
  owner: Name,
  commit: z.string(),
  /** The first environment. */ environment: Name,
})
export type ReleaseInput = z.infer<typeof ReleaseInput>

/** Push to running: what a commit on main of a service repository becomes. */
export const releaseWorkflow = defineWorkflow({
  name: 'release',
  input: ReleaseInput,
  steps: [...releaseSteps, ...deliverSteps],
  run: (flow, input) => releaseCommit(flow, input),
  replaced: (platform, run) => closeProposal(platform, { run, reason: 'a newer run replaced it' }),
  deliver: async (flow) => deliverChange(flow, HandOver.parse((await flow.result())['handOver'])),
})

/** From a commit to an open change request for the first environment; create-service ends with it too. */
export async function releaseCommit(
  flow: Flow,
  { service, owner, commit, environment }: ReleaseInput,
): Promise<Ending> {
  const place = { service, owner, environment }
  const { version, configDigest, committedAt, message } = await flow.step(readRepositoryStep, {
    service,
    owner,
    commit,
  })
  const { output, steps } = await flow.step(buildStep, { service, owner, commit })
  const { image, digest } = await flow.step(publishStep, { service, owner, commit, version, committedAt, output })
  const made = { service, owner, commit, version, image, digest }
  const { sbomDigest, provenanceDigest, signedBy } = await flow.step(attestImageStep, { ...made, output, steps })
  const vouched = { sbomDigest, provenanceDigest, signedBy }
  await flow.step(recordReleaseStep, { ...made, configDigest, message, ...vouched })
  const rendered = await flow.step(renderManifestsStep, { ...place, commit })
  const { verdict } = await flow.step(checkPolicyStep, { ...place, tree: rendered.tree })
  const title = `${service} ${version} to ${environment}`
  const opened = await flow.step(openChangeStep, {
    ...place,
    tree: rendered.tree,
    title,
    description: `Release of ${commit.slice(0, 12)}: ${message}`,
    verdict,
  })
  const { needsApproval, contributors } = await flow.step(settleApprovalStep, { ...place, commit })
  const handOver = { ...place, number: opened.number, version, contributors, needsApproval }
  const result = { version, commit, digest, change: opened.change, handOver }
  return needsApproval
    ? { state: 'waiting', waitingFor: mayApprovePromotion(owner), environment, result }
    : { state: 'delivering', environment, result }
}
