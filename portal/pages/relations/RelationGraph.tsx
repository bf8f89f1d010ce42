import './relations.css'
import { Link } from '@tanstack/react-router'
import { target } from '../../app/links.tsx'
import type { Relations } from '../../model.ts'
import { wordFor } from '../../ui/vocabulary.ts'
import { type Drawing, layOut, type PlacedNode, size } from './layOut.ts'

/** Relations as a drawing. Each node is a link in the order of reading; all of it stands in the table, too. */
export function RelationGraph({ relations }: { relations: Relations }) {
  const drawing = layOut(relations)
  const { centre, height } = drawing
  return (
    <svg
      className="relations"
      viewBox={`-2 -2 ${size.width + 4} ${height + 4}`}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- no HTML element groups the parts of a drawing
      role="group"
      aria-label={`Relations of ${relations.name}, as a drawing; the table below says the same`}
    >
      {drawing.nodes.map((node) => (
        <path key={keyOf(node)} className="edge" d={edge(drawing, node)} aria-hidden />
      ))}
      <g className="node centre">
        <rect {...centre} {...size.node} rx={6} />
        <text x={centre.x + size.node.width / 2} y={centre.y + 21} textAnchor="middle">
          {cut(relations.name)}
        </text>
      </g>
      {drawing.labels.map(({ text, x, y }) => (
        <text key={`${x} ${text}`} className="label" x={x + 2} y={y}>
          {text}
        </text>
      ))}
      {drawing.nodes.map((node) => (
        <Node key={keyOf(node)} node={node} />
      ))}
      {drawing.cut.map(({ count, x, y }) => (
        <text key={x} className="label" x={x + 2} y={y}>
          and {count} more, in the table
        </text>
      ))}
    </svg>
  )
}

function Node({ node }: { node: PlacedNode }) {
  const { relation, x, y } = node
  const state = relation.state && wordFor(relation.state)
  const inside = (
    <g className={relation.link ? 'node' : 'node unknown'}>
      <title>{`${relation.relation} ${relation.ref}${state ? `, ${state.word}` : ''}`}</title>
      <rect x={x} y={y} {...size.node} rx={6} />
      <text x={x + 10} y={y + 21}>
        {cut(relation.name)}
      </text>
      <text className="kind" x={x + size.node.width - 10} y={y + 21} textAnchor="end">
        {state ? state.word : relation.kind}
      </text>
    </g>
  )
  if (!relation.link) return inside
  return (
    <Link {...target(relation.link)} aria-label={`${relation.relation} ${relation.kind} ${relation.name}`}>
      {inside}
    </Link>
  )
}

function edge({ centre }: Drawing, { x, y }: PlacedNode): string {
  const { width, height } = size.node
  const isLeft = x < centre.x
  const [from, to] = [isLeft ? centre.x : centre.x + width, isLeft ? x + width : x]
  const [start, end] = [centre.y + height / 2, y + height / 2]
  const middle = (from + to) / 2
  return `M ${from} ${start} C ${middle} ${start}, ${middle} ${end}, ${to} ${end}`
}

function keyOf({ relation }: PlacedNode): string {
  return `${relation.relation} ${relation.ref}`
}

/** What does not fit is in the node's title and in the table. */
function cut(name: string): string {
  return name.length > 18 ? `${name.slice(0, 17)}…` : name
}
