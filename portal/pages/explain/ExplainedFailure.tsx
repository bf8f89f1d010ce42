import './explained.css'
import { Button, CopyButton, Text } from '@mantine/core'
import type { Explanation } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { Ago } from '../../ui/Ago.tsx'
import { shortVersion } from '../../ui/Copy.tsx'
import { FileDiffs } from '../../ui/FileDiffs.tsx'
import { Status } from '../../ui/Status.tsx'
import { CommitList } from '../change/CommitList.tsx'
import { NextActs } from './NextActs.tsx'

/** The worst minute: the cause in a sentence, what to do, what shows it, and what changed since it was good. */
export function ExplainedFailure({ explanation, title }: { explanation: Explanation; title: string }) {
  const { cause, evidence, changed, report } = explanation
  return (
    <section className="stack" aria-label={title}>
      <div className="failure card" role="alert">
        <div>
          <Status state="failed" word={title} />
          <p className="cause">{cause}</p>
        </div>
        <NextActs explanation={explanation} />
        {evidence.length > 0 && <EvidenceList evidence={evidence} />}
        <div>
          <CopyButton value={report}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy report'}
              </Button>
            )}
          </CopyButton>
        </div>
      </div>
      {changed && <Changed changed={changed} />}
    </section>
  )
}

function EvidenceList({ evidence }: { evidence: Explanation['evidence'] }) {
  return (
    <dl className="evidence">
      {evidence.map(({ source, text, at }, index) => (
        // oxlint-disable-next-line no-array-index-key -- lines repeat, and the list never changes
        <div key={`${index} ${text}`}>
          <dt>{source}</dt>
          <dd>
            {text}
            {at && (
              <span className="mute">
                {' '}
                <Ago at={at} />
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Changed({ changed }: { changed: NonNullable<Explanation['changed']> }) {
  return (
    <Card
      title="What changed since it was healthy"
      aside={
        <Text size="sm" c="dimmed">
          {changed.by.length > 0 ? `by ${changed.by.join(', ')}, ` : ''}since {shortVersion(changed.version)},{' '}
          <Ago at={changed.at} />
        </Text>
      }
      flush
    >
      <CommitList commits={changed.commits} />
      <div className="changed">
        <FileDiffs files={changed.files} />
        {changed.moreFiles > 0 && (
          <Text size="sm" c="dimmed" mt={8}>
            And {changed.moreFiles} more files.
          </Text>
        )}
      </div>
    </Card>
  )
}
