import { Badge, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { queries } from '../app/queries.ts'
import { Card } from '../ui/Card.tsx'
import { CopyCli, CopyText, shortId } from '../ui/Copy.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { Status } from '../ui/Status.tsx'
import { Doors } from './Doors.tsx'
import { Facts } from './run/RunOutcome.tsx'

/** The rules in force: why each is there, how to satisfy it, where it is asked. */
export function PoliciesPage() {
  const policies = useQuery(queries.policies())
  return (
    <Page
      title="Policies"
      subtitle={
        policies.data && (
          <>
            Rules in force, bundle{' '}
            <CopyText
              text={policies.data.bundleDigest}
              shown={shortId(policies.data.bundleDigest)}
              label="Copy the digest of the bundle"
            />
          </>
        )
      }
      actions={<CopyCli command="fairway policy list" />}
    >
      <Loaded query={policies} lines={10}>
        {({ items }) => (
          <>
            <Doors />
            <div className="tiles" style={{ gridTemplateColumns: 'repeat(auto-fill, minmax(min(420px, 100%), 1fr))' }}>
              {items.length === 0 && (
                <Empty
                  title="No rule is in force"
                  body="Security engineers add rules under policies/ of the platform repository."
                />
              )}
              {items.map(({ metadata, spec }) => (
                <Card key={metadata.name} title={metadata.title} aside={<Status state={spec.severity} />}>
                  <Text size="sm">{spec.why}</Text>
                  <Text size="sm" mt={6}>
                    <strong>How to fix:</strong> {spec.fix}
                  </Text>
                  <div style={{ marginTop: 8 }}>
                    <Facts
                      rows={[
                        ['Id', <code key="i">{metadata.name}</code>],
                        ['Owner', spec.owner],
                        ['Environments', spec.environments.length > 0 ? spec.environments.join(', ') : 'all'],
                        ...(spec.controls.length > 0 ? [['Controls', spec.controls.join(', ')] as const] : []),
                      ]}
                    />
                  </div>
                  <Group gap={6} mt={8}>
                    {spec.gates.map((gate) => (
                      <Badge key={gate} variant="default" tt="none" fw={400} size="sm">
                        {gate}
                      </Badge>
                    ))}
                  </Group>
                </Card>
              ))}
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}
