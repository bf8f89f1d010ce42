import type { DeliveryPreview } from '../model.ts'
import { Card } from '../ui/Card.tsx'
import { EffectList } from '../ui/EffectList.tsx'
import { shortVersion } from '../ui/Copy.tsx'
import { FileDiffs } from '../ui/FileDiffs.tsx'
import { Findings } from '../ui/Findings.tsx'
import { CommitList } from './change/CommitList.tsx'
import { Facts } from './run/RunOutcome.tsx'

/** Everything a promotion or rollback would commit, who contributed, who must agree, and what happens then. */
export function DeliveryPreviewView({ preview }: { preview: DeliveryPreview }) {
  return (
    <div className="two">
      <div className="stack" style={{ minWidth: 0 }}>
        <Card title="Rendered difference">
          <FileDiffs files={preview.files} />
        </Card>
        <Card title="Commits of the service" flush>
          <CommitList commits={preview.commits} />
        </Card>
      </div>
      <div className="stack first-on-phone">
        <Card title="What changes">
          <Facts
            rows={[
              [
                'Now',
                preview.from ? (
                  <code key="f" title={preview.from.version}>
                    {shortVersion(preview.from.version)}
                  </code>
                ) : (
                  'nothing'
                ),
              ],
              [
                'Then',
                <code key="t" title={preview.to.version}>
                  {shortVersion(preview.to.version)}
                </code>,
              ],
              ['Contributors', preview.contributors.join(', ') || 'none'],
              ['Approval', preview.approval],
              ...(preview.drift ? [['Drift', preview.drift] as const] : []),
            ]}
          />
        </Card>
        <Card title="What the rules say">
          <Findings verdict={preview.verdict} />
        </Card>
        <Card title="What will happen" flush>
          <EffectList effects={preview.effects} />
        </Card>
      </div>
    </div>
  )
}
