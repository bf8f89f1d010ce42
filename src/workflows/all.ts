import { adoptServiceWorkflow } from './adopt/adopt-service.ts'
import { checkWorkflow } from './check/check.ts'
import { renderClusterWorkflow } from './cluster/render-cluster.ts'
import { createServiceWorkflow } from './create-service/create-service.ts'
import type { WorkflowDefinition } from './engine/workflow.ts'
import { adoptDriftWorkflow } from './drift/adopt-drift.ts'
import { repairDriftWorkflow } from './drift/repair-drift.ts'
import { revertDriftWorkflow } from './drift/revert-drift.ts'
import { promoteWorkflow } from './promote/promote.ts'
import { releaseWorkflow } from './release/release.ts'
import { rollbackWorkflow } from './rollback/rollback.ts'
import { undoWorkflow } from './undo/undo.ts'

/** Every workflow the engine knows. A stored run names one of these. */
export const workflows = [
  createServiceWorkflow,
  releaseWorkflow,
  promoteWorkflow,
  rollbackWorkflow,
  undoWorkflow,
  checkWorkflow,
  revertDriftWorkflow,
  adoptDriftWorkflow,
  repairDriftWorkflow,
  renderClusterWorkflow,
  adoptServiceWorkflow,
] as const satisfies readonly WorkflowDefinition[]

/** The planned steps of a workflow, as a new run lists them. */
export function plannedSteps(name: (typeof workflows)[number]['name']): { name: string; title: string }[] {
  const workflow = workflows.find((candidate) => candidate.name === name)
  return (workflow?.steps ?? []).map((step) => ({ name: step.name, title: step.title }))
}
