import { describeAdmission } from '#ports/admission.contract.ts'
import { oneRule } from '../../../../testing/kubernetes/one-rule.ts'
import { localAdmission } from './local.ts'

describeAdmission('local', async () => ({
  admission: localAdmission(),
  environment: 'dev',
  rule: oneRule('contract', 'dev'),
}))
