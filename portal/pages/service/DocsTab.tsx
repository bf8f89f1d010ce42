import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { target } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import { useAddress } from '../../app/search.ts'
import type { ServiceDetail } from '../../model.ts'
import { Empty } from '../../ui/Empty.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { DocText } from '../docs/DocText.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'

/** README.md and docs/ of the repository; docs/index.md first. */
export function DocsTab() {
  return (
    <ServiceFrame tab="docs" cli="fairway docs">
      {(service) =>
        service.docs.length > 0 ? (
          <Docs service={service} />
        ) : (
          <Empty
            title="This service has no docs yet"
            body={`Add docs/index.md to ${service.repository.name}; it shows here after the next push.`}
          />
        )
      }
    </ServiceFrame>
  )
}

function Docs({ service: { name, docs } }: { readonly service: ServiceDetail }) {
  const [address] = useAddress()
  const first = docs.find(({ path }) => path === 'docs/index.md') ?? docs[0]
  const here = docs.find(({ path }) => path === address['page']) ?? first
  const page = useQuery(queries.doc(here?.source ?? '', here?.path ?? ''))
  return (
    <>
      {docs.length > 1 && (
        <nav className="tabs" aria-label="Pages">
          {docs.map(({ path, title }) => (
            <Link
              key={path}
              {...target(`${paths.serviceTab(name, 'docs')}?page=${encodeURIComponent(path)}`)}
              aria-current={path === here?.path ? 'page' : undefined}
              title={path}
            >
              {docs.some((other) => other.path !== path && other.title === title) ? path : title}
            </Link>
          ))}
        </nav>
      )}
      <Loaded query={page} lines={12}>
        {(found) => <DocText page={found} />}
      </Loaded>
    </>
  )
}
