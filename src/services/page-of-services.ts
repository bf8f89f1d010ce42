interface Paging {
  /** The name after which the page begins. */
  readonly cursor?: string | undefined
  readonly limit: number
}

interface Page<Item> {
  readonly items: Item[]
  /** The cursor of the page after this one; absent on the last. */
  readonly next?: string
  /** How many rows there are before `keeps` is asked: live facts are read only for those that are shown. */
  readonly total: number
}

const chunk = 25

/**
 * One page of rows that stand in order of name. Rows are read until the page is full, so that a filter on live facts neither
 * shortens a page nor hides what comes after it.
 */
export async function pageOfServices<Row extends { readonly name: string }, Item>(
  rows: readonly Row[],
  { cursor, limit }: Paging,
  { read, keeps }: { read: (row: Row) => Promise<Item>; keeps: (item: Item) => boolean },
): Promise<Page<Item>> {
  const rest = cursor === undefined ? rows : rows.filter(({ name }) => name > cursor)
  const items: Item[] = []
  let looked = 0
  while (items.length < limit && looked < rest.length) {
    const some = rest.slice(looked, looked + Math.min(chunk, limit - items.length))
    items.push(...(await Promise.all(some.map(read))).filter(keeps))
    looked += some.length
  }
  const last = rest[looked - 1]
  return { items, ...(looked < rest.length && last && { next: last.name }), total: rows.length }
}
