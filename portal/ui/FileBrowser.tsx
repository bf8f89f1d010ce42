import { lazy, Suspense, useState } from 'react'

const CodeView = lazy(async () => ({ default: (await import('./CodeView.tsx')).CodeView }))

/** Files beside the one that is looked at. */
export function FileBrowser({ files }: { files: readonly { readonly path: string; readonly content: string }[] }) {
  const [chosen, choose] = useState(files[0]?.path)
  const file = files.find(({ path }) => path === chosen)
  return (
    <div className="preview">
      <ul
        className="tree"
        aria-label="Files"
        style={{ listStyle: 'none', margin: 0, padding: 0, maxHeight: 480, overflow: 'auto' }}
      >
        {files.map(({ path }) => (
          <li key={path}>
            <button type="button" aria-pressed={path === chosen} onClick={() => choose(path)}>
              {path}
            </button>
          </li>
        ))}
      </ul>
      <div className="sunken" style={{ minWidth: 0, minHeight: 200 }}>
        <Suspense>{file && <CodeView key={file.path} path={file.path} content={file.content} />}</Suspense>
      </div>
    </div>
  )
}
