import { useQuery } from '@tanstack/react-query'
import { queries } from '../app/queries.ts'
import { CopyCli } from '../ui/Copy.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { Status } from '../ui/Status.tsx'
import { LiveChecks } from './LiveChecks.tsx'

/** What this platform has, what it lacks, what that costs, and the isolation in force. */
export function DoctorPage() {
  const doctor = useQuery(queries.doctor())
  const me = useQuery(queries.me())
  return (
    <Page
      title="Doctor"
      subtitle="What is there, what is missing, and what that costs."
      actions={<CopyCli command="fairway doctor" />}
    >
      <Loaded query={doctor} lines={10}>
        {({ checks }) => (
          <div className="card">
            <DataTable
              label="Checks"
              rows={checks}
              rowKey={({ check }) => check}
              empty={<Empty title="Nothing was checked" />}
              columns={[
                { header: 'Check', cell: ({ check }) => <strong>{check}</strong> },
                { header: 'State', cell: ({ state }) => <Status state={state} /> },
                { header: 'Found', cell: ({ found }) => found },
                { header: 'What that costs', cell: ({ costs }) => costs ?? '' },
                { header: 'What to do', cell: ({ hint }) => hint ?? '' },
              ]}
            />
          </div>
        )}
      </Loaded>
      {me.data?.actions.includes('platform.inspect') && <LiveChecks />}
    </Page>
  )
}
