import type { Environment } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { Facts } from '../run/RunOutcome.tsx'

/** What the platform repository says of an environment. */
export function EnvironmentFacts({ environment: { metadata, spec } }: { environment: Environment }) {
  const { requests, limits } = spec.defaults.resources
  return (
    <Card title="What holds here">
      <Facts
        rows={[
          ['Name', metadata.name],
          ['Order', spec.order],
          ['Approval', approvalOf(spec)],
          ['Rollback', rollbackOf(spec)],
          ['Rollout', `${spec.rolloutSeconds} s to become ready`],
          ['Replicas', spec.defaults.replicas],
          ['Memory', `${requests.memory} to ${limits.memory}`],
          ['CPU', `${requests.cpu} to ${limits.cpu}`],
          ['Quota of a team', `${spec.quota.pods} pods, ${spec.quota.cpu} CPU, ${spec.quota.memory}, in a cluster`],
          ['Images from', spec.registries.join(', ')],
          ['Logs kept', `${spec.logRetentionDays} days`],
          ['Secrets for fairway dev', spec.devSecrets === 'allow' ? 'to members of the owning team' : 'to nobody'],
        ]}
      />
    </Card>
  )
}

export function approvalOf({ approval }: Environment['spec']): string {
  return approval === 'none' ? 'none' : 'somebody who did not contribute'
}

export function rollbackOf({ rollback }: Environment['spec']): string {
  return rollback === 'immediate' ? 'at once' : 'with approval'
}
