import { unifiedMergeView } from '@codemirror/merge'
import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { readOnly } from './CodeView.tsx'

/** Both sides of a file as one text, with what did not change folded; it fits a phone. */
export function DiffView({ path, before, after }: { path: string; before: string; after: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!place.current) return undefined
    const merge = unifiedMergeView({
      original: before,
      mergeControls: false,
      syntaxHighlightDeletions: false,
      collapseUnchanged: { margin: 3, minSize: 6 },
    })
    const state = EditorState.create({ doc: after, extensions: [readOnly(path), lineNumbers(), merge] })
    const view = new EditorView({ state, parent: place.current })
    return () => view.destroy()
  }, [path, before, after])
  return <div ref={place} />
}
