import { Code, Text } from '@mantine/core'
import type { Verdict } from '../model.ts'
import { Status } from './Status.tsx'

/** What the rules say: the word first, then each finding with where, why and how to fix. */
export function Findings({ verdict }: { verdict: Verdict }) {
  const denies = verdict.findings.filter(({ severity }) => severity === 'deny').length
  const warns = verdict.findings.length - denies
  const counted = [denies && `${denies} to fix`, warns && `${warns} to consider`].filter(Boolean).join(', ')
  return (
    <div>
      <Status state={verdict.allowed ? 'allowed' : 'denied'} />{' '}
      <Text span size="sm" c="dimmed">
        by {verdict.policies.length} rules{counted && `: ${counted}`}
      </Text>
      {verdict.findings.length > 0 && (
        <ul className="rows" style={{ marginTop: 8 }}>
          {verdict.findings.map((finding) => (
            <li key={`${finding.policy} ${finding.at} ${finding.message}`} style={{ paddingInline: 0 }}>
              <div>
                <Status state={finding.severity} quiet /> <strong>{finding.message}</strong>{' '}
                <Code>{finding.policy}</Code>
              </div>
              {finding.at && <Code>{finding.at}</Code>}
              <Text size="sm">Why: {finding.why}</Text>
              <Text size="sm">How to fix: {finding.fix}</Text>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
