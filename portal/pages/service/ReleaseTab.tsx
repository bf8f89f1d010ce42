import { Alert, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import type { ReleaseDetail } from '../../model.ts'
import { DownloadLink } from '../../ui/DownloadLink.tsx'
import { Ago } from '../../ui/Ago.tsx'
import { Card } from '../../ui/Card.tsx'
import { CopyText, shortId, shortVersion } from '../../ui/Copy.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Status } from '../../ui/Status.tsx'
import { ExplainedFailure } from '../explain/ExplainedFailure.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'

/** What vouches for one release: the verdict first, then where it came from and what is in it. */
export function ReleaseTab() {
  const { name, version } = useParams({ strict: false }) as { name: string; version: string }
  return (
    <ServiceFrame tab="releases" cli={`fairway release show ${name} ${version}`}>
      {() => <Detail name={name} version={version} />}
    </ServiceFrame>
  )
}

function Detail({ name, version }: { name: string; version: string }) {
  const release = useQuery(queries.release(name, version))
  return (
    <Loaded query={release} lines={12}>
      {(detail) => (
        <div className="stack">
          <Verdict detail={detail} />
          <Failures name={name} version={version} />
          <div className="two">
            <div className="stack">
              <Packages sbom={detail.sbom} />
            </div>
            <div className="stack">
              <Image detail={detail} />
              {detail.origin && <Origin origin={detail.origin} />}
            </div>
          </div>
        </div>
      )}
    </Loaded>
  )
}

function Verdict({ detail: { release, vouched } }: { detail: ReleaseDetail }) {
  if (vouched.state === 'refused')
    return (
      <Alert variant="outline" color="red" title={`${shortVersion(release.version)} does not verify: ${vouched.code}`}>
        {vouched.reason}. It is neither deployed nor started anew; what runs already ends with its process.
        {vouched.hint && (
          <Text size="sm" mt={4}>
            {vouched.hint}
          </Text>
        )}
      </Alert>
    )
  return (
    <Card title={`Release ${shortVersion(release.version)}`} aside={<Status state="verified" />}>
      <Text size="sm">
        Signature, provenance and bill of materials were checked <Ago at={vouched.checkedAt} />, as every deployment
        does: the platform built this image from the commit below, and nobody changed it since.
      </Text>
    </Card>
  )
}

/** A release that verifies may still fail where it is rolled out. */
function Failures({ name, version }: { name: string; version: string }) {
  const { data } = useQuery(queries.explanations(name, version))
  return data?.items.map((one) => (
    <ExplainedFailure key={one.run} explanation={one} title={`Failed in ${one.environment ?? 'its pipeline'}`} />
  ))
}

function Image({ detail: { release, vouched } }: { detail: ReleaseDetail }) {
  const api = `/api/v1/services/${release.service}/releases/${encodeURIComponent(release.version)}` as const
  return (
    <Card title="Image">
      <dl className="facts">
        <dt>Name</dt>
        <dd>
          <code>{release.image}</code>
        </dd>
        <dt>Digest</dt>
        <dd>
          <CopyText text={release.digest} shown={shortId(release.digest)} label="Copy the digest" />
        </dd>
        <dt>Signed by</dt>
        <dd>
          {vouched.signedBy ? <CopyText text={vouched.signedBy} label="Copy the key id" /> : 'nobody trusted here'}
        </dd>
        <dt>Made</dt>
        <dd>
          <Ago at={release.createdAt} /> by {release.createdBy}, <Go to={paths.run(release.run)}>run</Go>
        </dd>
      </dl>
      {vouched.state === 'verified' && (
        <Text size="sm" mt={8}>
          <DownloadLink path={`${api}/sbom`} name={`${release.service}-${release.version}.cdx.json`}>
            SBOM (CycloneDX)
          </DownloadLink>{' '}
          ·{' '}
          <DownloadLink path={`${api}/provenance`} name={`${release.service}-${release.version}.sigstore.json`}>
            Provenance (SLSA, for cosign)
          </DownloadLink>
        </Text>
      )}
    </Card>
  )
}

function Origin({ origin }: { origin: NonNullable<ReleaseDetail['origin']> }) {
  return (
    <Card title="Where it came from">
      <dl className="facts">
        <dt>Repository</dt>
        <dd>{origin.repository}</dd>
        <dt>Commit</dt>
        <dd>
          <CopyText text={origin.commit} shown={origin.commit.slice(0, 12)} label="Copy the commit" />
        </dd>
        <dt>Golden path</dt>
        <dd>{origin.goldenPath.replace(/@([0-9a-f]{12})[0-9a-f]+$/, ' at $1')}</dd>
        {origin.materials.map(({ name, digest }) => (
          <Material key={`${name} ${digest}`} name={name} digest={digest} />
        ))}
      </dl>
      <Text size="sm" c="dimmed" mt={8}>
        The pipeline says it ran{' '}
        {origin.claims.map(({ name, seconds }) => `${name} (${seconds} s)`).join(', ') || 'nothing'}. That is its claim;
        nobody verified it.
      </Text>
    </Card>
  )
}

function Material({ name, digest }: { name: string; digest: string }) {
  const [algorithm = '', value = ''] = digest.split(':')
  return (
    <>
      <dt>{name.startsWith('git+') ? 'Sources' : name}</dt>
      <dd>
        <CopyText text={value} shown={`${algorithm} ${value.slice(0, 12)}`} label={`Copy the digest of ${name}`} />
      </dd>
    </>
  )
}

function Packages({ sbom }: { sbom: ReleaseDetail['sbom'] }) {
  const [wanted, setWanted] = useState('')
  if (!sbom)
    return (
      <Card title="Packages">
        <Text size="sm">Shown only once the release verifies: an unsigned list proves nothing.</Text>
      </Card>
    )
  const found = sbom.packages.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()))
  return (
    <Card
      title="Packages"
      flush
      aside={
        <Text span size="sm" c="dimmed">
          {found.length} of {sbom.packages.length}; {sbom.components} components with files
        </Text>
      }
    >
      <TextInput
        aria-label="Find a package"
        placeholder="Find a package"
        description="Seen in the image, or in the lockfile only: then a bundler may have put it into a file."
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
        m={12}
      />
      <DataTable
        label="Packages"
        rows={found}
        rowKey={({ purl }) => purl}
        empty={<Empty title="No package of that name is in the image" />}
        columns={[
          { header: 'Package', cell: ({ name }) => name },
          { header: 'Version', cell: ({ version }) => <code>{version}</code> },
          { header: 'Licence', cell: ({ license }) => license ?? 'not stated' },
          {
            header: 'Seen',
            cell: ({ evidence }) => (evidence === 'installed' ? 'image' : 'lockfile'),
          },
        ]}
      />
    </Card>
  )
}
