import type { components } from '../client/schema.ts'
import { effectLines } from './act.ts'
import { diffText } from './diff-text.ts'
import type { Output } from './output.ts'

export type DeliveryPreview = components['schemas']['DeliveryPreview']

/** A promotion or rollback before it happens: the rendered difference, the rules' word, and who would have to agree. */
export function deliveryText(preview: DeliveryPreview, out: Output): string {
  const findings = preview.verdict.findings.map(
    (finding) => `  ${finding.severity} ${finding.policy}: ${finding.message}\n    fix: ${finding.fix}`,
  )
  return [
    `${out.bold(preview.service)} in ${preview.environment}: ${preview.from?.version ?? 'nothing'} → ${preview.to.version}`,
    ...(preview.drift ? [`drift: ${preview.drift}`] : []),
    ...preview.commits.map((commit) => `  ${commit.commit.slice(0, 12)} ${commit.author}: ${commit.message}`),
    diffText(preview.files, out),
    preview.verdict.allowed ? 'rules: all allow it' : out.red('rules: denied'),
    ...findings,
    `approval: ${preview.approval}`,
    'a run would:',
    effectLines(preview.effects),
  ].join('\n')
}
