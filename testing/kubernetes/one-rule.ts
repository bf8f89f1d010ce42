import { ruleObjects, type RuleObjects } from '#render/admission/render-admission.ts'
import { environmentNamed } from '../arbitrary-workload.ts'

/** A rule of that name for one environment: every object carries the label `contract`. */
export function oneRule(policy: string, environment: string): RuleObjects {
  const document = {
    apiVersion: 'fairway.dev/v1',
    kind: 'Policy',
    metadata: { name: policy, title: 'Objects carry the label contract' },
    spec: { severity: 'deny', gates: ['admission'], why: 'for a test', fix: 'add the label', owner: 'security' },
  }
  const rego = `package fairway.rules["${policy}"]

violation contains {"message": concat("", [input.object.metadata.name, " lacks the label contract."])} if {
	not input.object.metadata.labels.contract
}
`
  const rules = [
    { path: `${policy}/policy.yaml`, text: JSON.stringify(document) },
    { path: `${policy}/rule.rego`, text: rego },
  ]
  const request = { environment: environmentNamed(environment), environments: [environment], teams: ['team-a'], rules }
  const [rule] = ruleObjects(request)
  if (!rule) throw new Error('the rule was not rendered')
  return rule
}
