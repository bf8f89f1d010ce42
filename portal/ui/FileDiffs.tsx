import { Text } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import type { FileDiff } from '../model.ts'

const DiffView = lazy(async () => ({ default: (await import('./DiffView.tsx')).DiffView }))
const CodeView = lazy(async () => ({ default: (await import('./CodeView.tsx')).CodeView }))
const openAtFirst = 8

/** Changed files, each of which opens; the first few are open. */
export function FileDiffs({ files }: { files: readonly FileDiff[] }) {
  if (files.length === 0) return <Text size="sm">No file differs.</Text>
  return (
    <div className="stack" style={{ gap: 8 }}>
      {files.map((file, index) => (
        <OneFile key={file.path} file={file} open={index < openAtFirst} />
      ))}
    </div>
  )
}

function OneFile({ file, open }: { file: FileDiff; open: boolean }) {
  const [shown, setShown] = useState(open)
  const whole = file.before !== undefined || file.after !== undefined
  return (
    <details className="sunken" open={open} onToggle={({ currentTarget }) => setShown(currentTarget.open)}>
      <summary style={{ cursor: 'pointer', padding: '6px 10px', minHeight: 32 }}>
        <code>{file.path}</code> <span className="mute">{file.status}</span>{' '}
        <span className="good">+{file.additions}</span> <span className="bad">−{file.deletions}</span>
      </summary>
      {!whole && (
        <Text size="sm" p="xs">
          Binary or too large to show here; clone the repository to look at it.
        </Text>
      )}
      {whole && shown && (
        <Suspense>
          {file.before !== undefined && file.after !== undefined ? (
            <DiffView path={file.path} before={file.before} after={file.after} />
          ) : (
            <CodeView path={file.path} content={file.after ?? file.before ?? ''} />
          )}
        </Suspense>
      )}
    </details>
  )
}
