import { json } from '@codemirror/lang-json'
import { yaml } from '@codemirror/lang-yaml'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { styleNonce } from '../app/style-nonce.ts'
import { looks } from './codeLooks.ts'

/** A text to read and select, coloured where it is YAML or JSON. */
export function CodeView({ path, content }: { path: string; content: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!place.current) return undefined
    const state = EditorState.create({ doc: content, extensions: [readOnly(path), lineNumbers()] })
    const view = new EditorView({ state, parent: place.current })
    return () => view.destroy()
  }, [path, content])
  return <div ref={place} style={{ maxHeight: 420, overflow: 'auto', padding: '6px 0' }} />
}

/** What every code view shares: nothing can be typed, the keyboard can scroll it, and it has a name. */
export function readOnly(path: string): Extension {
  return [
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({
      'aria-label': path,
      tabindex: '0',
      role: 'textbox',
      'aria-readonly': 'true',
      'aria-multiline': 'true',
    }),
    EditorView.lineWrapping,
    EditorView.cspNonce.of(styleNonce),
    looks,
    /\.ya?ml$/.test(path) ? yaml() : path.endsWith('.json') ? json() : [],
  ]
}
