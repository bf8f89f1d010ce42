import { GoButton } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import { Empty } from '../ui/Empty.tsx'
import { Page } from '../ui/Page.tsx'

/** An address that names nothing. */
export function NotFoundPage() {
  return (
    <Page title="Not found">
      <Empty
        title="There is no page at this address."
        body={location.pathname}
        action={<GoButton to={paths.home}>Go home</GoButton>}
      />
    </Page>
  )
}
