import { describeArtifacts } from '../../../ports/artifacts.contract.ts'
import { labFacts } from '../../../../testing/lab.ts'
import { describe } from 'node:test'
import { ociRegistry } from './oci-registry.ts'

const { skip, facts } = await labFacts('registry')

describe('OCI registry', { skip }, () => {
  describeArtifacts('oci-registry', async () => ociRegistry({ url: facts['url'] ?? '' }))
})
