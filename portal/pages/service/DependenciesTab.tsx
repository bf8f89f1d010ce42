import { RelationsCard } from '../relations/RelationsCard.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'

/** What a service belongs to, needs, offers and where it runs. */
export function DependenciesTab() {
  return (
    <ServiceFrame tab="dependencies">
      {({ name }) => <RelationsCard path={{ kind: 'component', namespace: 'default', name }} />}
    </ServiceFrame>
  )
}
