import type { Relations } from '../../model.ts'

type Relation = Relations['items'][number]

export interface PlacedNode {
  readonly relation: Relation
  readonly x: number
  readonly y: number
}

export interface Drawing {
  readonly height: number
  readonly nodes: readonly PlacedNode[]
  /** The words above each group of nodes with the same relation. */
  readonly labels: readonly { readonly text: string; readonly x: number; readonly y: number }[]
  /** The end of a column that was cut off. */
  readonly cut: readonly { readonly count: number; readonly x: number; readonly y: number }[]
  readonly centre: { readonly x: number; readonly y: number }
}

export const size = { width: 840, node: { width: 230, height: 32 }, label: 22, gap: 8 }
const mostInColumn = 12

/** Three columns: what it belongs to and what needs it, itself, what it has, needs and where it runs. The same input is always the same drawing. */
export function layOut({ items }: Relations): Drawing {
  const left = column(
    items.filter(({ side }) => side === 'left' || side === 'above'),
    0,
  )
  const right = column(
    items.filter(({ side }) => side === 'right' || side === 'below'),
    size.width - size.node.width,
  )
  const height = Math.max(left.height, right.height, size.node.height + 2 * size.label)
  const lower = (one: Column) => moved(one, (height - one.height) / 2)
  const [west, east] = [lower(left), lower(right)]
  return {
    height,
    nodes: [...west.nodes, ...east.nodes],
    labels: [...west.labels, ...east.labels],
    cut: [...west.cut, ...east.cut],
    centre: { x: centreOf(west, east), y: (height - size.node.height) / 2 },
  }
}

/** In the middle, or where the column would be that there is none of. */
function centreOf(west: Column, east: Column): number {
  if (west.nodes.length === 0) return 0
  return east.nodes.length === 0 ? size.width - size.node.width : (size.width - size.node.width) / 2
}

interface Column extends Pick<Drawing, 'height' | 'nodes' | 'labels' | 'cut'> {}

function column(relations: readonly Relation[], x: number): Column {
  const shown = relations.toSorted((a, b) => order(a) - order(b)).slice(0, mostInColumn)
  const nodes: PlacedNode[] = []
  const labels: Drawing['labels'][number][] = []
  let y = 0
  for (const [index, relation] of shown.entries()) {
    if (relation.relation !== shown[index - 1]?.relation) {
      labels.push({ text: relation.relation, x, y: y + size.label - 6 })
      y += size.label
    }
    nodes.push({ relation, x, y })
    y += size.node.height + size.gap
  }
  const count = relations.length - shown.length
  const cut = count > 0 ? [{ count, x, y: y + size.label - 6 }] : []
  return { height: y + (count > 0 ? size.label : 0), nodes, labels, cut }
}

const words = [
  'owned by',
  'part of',
  'member of',
  'needed by',
  'provides',
  'consumed by',
  'runs in',
  'runs',
  'owns',
  'has part',
  'has member',
  'depends on',
  'consumes',
  'provided by',
  'uses secret',
]

function order({ relation }: Relation): number {
  return words.indexOf(relation)
}

function moved(one: Column, by: number): Column {
  const down = <T extends { readonly y: number }>(parts: readonly T[]) =>
    parts.map((part) => ({ ...part, y: part.y + by }))
  return { ...one, nodes: down(one.nodes), labels: down(one.labels), cut: down(one.cut) }
}
