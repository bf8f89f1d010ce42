import { openLab } from '../lab/run/lab-place.ts'

/**
 * Facts of an engine of the lab, or the reason to skip a test: `const gitea = await labFacts('gitea')`, then
 * `describe('…', { skip: gitea.skip }, …)`.
 */
export async function labFacts(engine: string): Promise<LabFacts> {
  const facts = await openLab(() => {}).facts(engine)
  return facts ? { skip: false, facts } : { skip: `the lab has no ${engine}: npm run lab -- up ${engine}`, facts: {} }
}

export interface LabFacts {
  readonly skip: string | false
  readonly facts: Readonly<Record<string, string>>
}
