import { closeProposal } from '../deliver/close-change.ts'
import { deliverChange, deliverSteps, HandOver } from '../deliver/deliver.ts'
import { defineWorkflow } from '../engine/workflow.ts'
import { releaseCommit, releaseSteps } from '../release/release.ts'
import { firstEnvironmentStep } from './first-environment.ts'
import {
  CreateInput,
  createRepositoryStep,
  protectBranchStep,
  pushSkeletonStep,
  registerCatalogStep,
  renderStep,
  reserveNameStep,
  validateStep,
} from './steps.ts'

const ownSteps = [
  validateStep,
  renderStep,
  reserveNameStep,
  createRepositoryStep,
  pushSkeletonStep,
  protectBranchStep,
  registerCatalogStep,
  firstEnvironmentStep,
] as const

/** From answers to a service that runs in the first environment. */
export const createServiceWorkflow = defineWorkflow({
  name: 'create-service',
  input: CreateInput,
  steps: [...ownSteps, ...releaseSteps, ...deliverSteps],
  async run(flow, request) {
    const { service, owner, template } = request
    await flow.step(validateStep, request)
    const { tree, version } = await flow.step(renderStep, request)
    await flow.step(reserveNameStep, { ...request, version })
    await flow.step(createRepositoryStep, { service, owner })
    const { commit } = await flow.step(pushSkeletonStep, { service, owner, tree, template, version })
    await flow.step(protectBranchStep, { service, owner })
    await flow.step(registerCatalogStep, { service, owner, commit })
    const { environment } = await flow.step(firstEnvironmentStep, {})
    return releaseCommit(flow, { service, owner, commit, environment })
  },
  replaced: (platform, run) => closeProposal(platform, { run, reason: 'a newer run replaced it' }),
  deliver: async (flow) => deliverChange(flow, HandOver.parse((await flow.result())['handOver'])),
})

/** What a run would do, step by step, in sentences; nothing is read or changed. */
export function plannedEffects(request: {
  service: string
  owner: string
  template: string
  environment: string
}): { step: string; title: string; effect: string }[] {
  const input = {
    ...request,
    commit: '',
    version: '',
    tree: '',
    title: `${request.service} to ${request.environment}`,
    answers: {},
  }
  const steps = [...ownSteps, ...releaseSteps, ...deliverSteps]
  return steps.map((step) => ({ step: step.name, title: step.title, effect: step.describe(input as never) }))
}
