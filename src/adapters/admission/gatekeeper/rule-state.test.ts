import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import { oneRule } from '../../../../testing/kubernetes/one-rule.ts'
import { ruleState } from './rule-state.ts'

const wanted = oneRule('contract', 'dev')
const enforced = { byPod: [{ id: 'p', enforced: true, observedGeneration: 1 }] }

/** The objects as they come back from a cluster. */
function live(status: object = enforced) {
  const definition = structuredClone(wanted.definition) as unknown as Live
  const application = structuredClone(wanted.application) as unknown as Live
  const { validation } = definition.spec['crd'].spec
  validation.legacySchema = false
  return { definition, application: { ...application, metadata: { ...application.metadata, generation: 1 }, status } }
}

type Live = KubernetesObject & {
  spec: Record<string, never> & { crd: { spec: { validation: Record<string, unknown> } } }
}

test('what came back as it was rendered, and is enforced, is enforced; what the API server adds is no difference', () => {
  assert.deepEqual(ruleState(wanted, live()), { policy: 'contract', violations: [], state: 'enforced' })
})

test('each changed field makes the rule different, also one that was added', () => {
  const changes: Record<string, (found: ReturnType<typeof live>) => unknown> = {
    'enforcementAction of the constraint': ({ application }) =>
      Object.assign(application.spec, { enforcementAction: 'dryrun' }),
    'match.excludedNamespaces of the constraint': ({ application }) =>
      Object.assign(application.spec['match'] as unknown as object, { excludedNamespaces: ['team-a-dev'] }),
    'parameters.teams of the constraint': ({ application }) =>
      Object.assign(application.spec['parameters'] as unknown as object, { teams: ['team-a', 'team-x'] }),
    'targets of the ConstraintTemplate': ({ definition }) => Object.assign(definition.spec, { targets: [] }),
  }
  for (const [field, change] of Object.entries(changes)) {
    const found = live()
    change(found)
    const { state, detail } = ruleState(wanted, found)
    assert.deepEqual([state, detail], ['different', `spec.${field} is not as the platform rendered it`])
  }
})

test('a rule that Gatekeeper does not report as enforced, or only in an older generation, is inactive', () => {
  for (const status of [
    {},
    { byPod: [] },
    { byPod: [{ enforced: false }] },
    { byPod: [{ enforced: true, observedGeneration: 0 }] },
  ])
    assert.equal(ruleState(wanted, live(status)).state, 'inactive', JSON.stringify(status))
  const broken = { byPod: [{ enforced: false, errors: [{ message: 'rego_parse_error' }] }] }
  assert.equal(ruleState(wanted, live(broken)).detail, 'rego_parse_error')
})

test('violations are told with the time of their audit; without an audit there is no number', () => {
  const violations = [
    { kind: 'ConfigMap', namespace: 'team-a-dev', name: 'old', message: 'lacks it', enforcementAction: 'deny' },
  ]
  const audited = { ...enforced, auditTimestamp: '2026-11-23T07:00:00Z', totalViolations: 41, violations }

  const told = ruleState(wanted, live(audited))

  assert.deepEqual(told.violations, [{ object: 'ConfigMap team-a-dev/old', message: 'lacks it' }])
  assert.deepEqual([told.total, told.auditedAt], [41, '2026-11-23T07:00:00.000Z'])
  assert.equal(ruleState(wanted, live()).total, undefined)
  assert.equal(ruleState(wanted, live({ ...audited, auditTimestamp: 'soon' })).total, undefined)
})

test('the zero of an audit that began before the rule was in the cluster is no number', () => {
  const audited = live({ ...enforced, auditTimestamp: '2026-11-23T07:00:00Z', totalViolations: 0 })
  const made = (creationTimestamp: string) => ({
    ...audited,
    application: { ...audited.application, metadata: { ...audited.application.metadata, creationTimestamp } },
  })

  assert.equal(ruleState(wanted, made('2026-11-23T06:59:59Z')).total, 0)
  for (const later of ['2026-11-23T07:00:00Z', '2026-11-23T07:00:03Z'])
    assert.deepEqual(ruleState(wanted, made(later)), { policy: 'contract', violations: [], state: 'enforced' })
})

test('a status that cannot be read is no claim', () => {
  const { state, total } = ruleState(wanted, live({ byPod: 'all', totalViolations: 'none' }))

  assert.deepEqual([state, total], ['inactive', undefined])
})
