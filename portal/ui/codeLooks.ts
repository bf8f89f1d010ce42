import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName), tags.keyword], color: 'var(--fw-key)' },
  { tag: [tags.string, tags.attributeValue], color: 'var(--fw-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--fw-number)' },
  { tag: tags.comment, color: 'var(--fw-mute)' },
])

/** Code in the colours of the portal, by variables, so that light and dark need no second theme. */
export const looks = [
  syntaxHighlighting(colours),
  EditorView.theme({
    '&': { backgroundColor: 'transparent', color: 'inherit', fontSize: '12.5px' },
    '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.5' },
    '.cm-gutters': { backgroundColor: 'transparent', border: '0', color: 'var(--fw-mute)' },
    '&.cm-focused': { outline: '2px solid var(--mantine-color-anchor)' },
    '.cm-content': { padding: '0' },
    '&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine': { backgroundColor: 'var(--fw-added)' },
    '&.cm-merge-b .cm-changedText, &.cm-merge-b .cm-deletedText, .cm-deletedChunk .cm-deletedText': {
      background: 'none',
      textDecoration: 'none',
      fontWeight: '600',
    },
    '.cm-insertedLine, .cm-deletedLine, .cm-deletedLine del': { textDecoration: 'none' },
    '.cm-deletedChunk': { backgroundColor: 'var(--fw-removed)', color: 'inherit', paddingLeft: '6px' },
    '&.cm-merge-b .cm-changedLineGutter': { background: 'var(--fw-good)' },
    '.cm-deletedLineGutter': { background: 'var(--fw-bad)' },
    // Its own marks are letters that few fonts have.
    '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '"…"' },
    '.cm-collapsedLines': { background: 'var(--fw-sunken)', color: 'var(--fw-mute)', padding: '4px 10px' },
  }),
]
