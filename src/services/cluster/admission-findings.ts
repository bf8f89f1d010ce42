import type { AdmissionView } from '#model/admission.ts'
import type { Platform } from '#workflows/platform.ts'
import type { Finding } from '../doctor.ts'
import { lookAtDoors } from './read-admission.ts'

/** What doctor says of the clusters' doors: one line per environment, and one per thing to mend. */
export async function admissionFindings(platform: Platform): Promise<Finding[]> {
  const doors = await lookAtDoors(platform)
  if (!platform.ports.admission.can.enforce) {
    const [door] = doors
    const found = door?.admission.kind === 'not-enforced' ? door.admission.reason : 'no cluster'
    return [{ check: 'admission', state: 'ok', found: `not enforced here. ${found}` }]
  }
  return doors.flatMap(({ environment, admission }) => findingsOf(environment, admission))
}

function findingsOf(environment: string, view: AdmissionView): Finding[] {
  const check = `admission ${environment}`
  if (view.kind === 'not-enforced') return [{ check, state: 'ok', found: view.reason }]
  if (view.kind === 'unknown')
    return [
      {
        check,
        state: 'problem',
        found: `unknown: ${view.reason}`,
        costs: 'nobody can say whether the rules are enforced there',
        hint: 'fairway doctor --live',
      },
    ]
  const broken = view.rules.filter(({ state }) => !['enforced', 'warns'].includes(state))
  const standing = view.rules.reduce((sum, { total = 0 }) => sum + total, 0)
  const problems: Finding[] = [
    ...view.problems.map(({ what, fix }) => ({ check, state: 'problem' as const, found: what, hint: fix })),
    ...broken.map(({ policy, state, detail }) => ({
      check,
      state: 'problem' as const,
      found: `rule ${policy} is ${state}${detail ? `: ${detail}` : ''}`,
      hint: `let the delivery controller apply clusters/${environment}/policies of the delivery repository, or: fairway env bootstrap ${environment}`,
    })),
  ]
  if (problems.length > 0) return problems
  const audit =
    standing === 0 ? '' : `; the audit found ${standing} objects that break one: fairway policy explain NAME`
  return [{ check, state: 'ok', found: `${view.rules.length} rules enforced, closed when Gatekeeper is down${audit}` }]
}
