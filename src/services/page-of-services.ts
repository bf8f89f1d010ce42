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
  const kept: { name: string; item: Item }[] = []
  let looked = 0
  while (kept.length < limit && looked < rest.length) {
    const some = rest.slice(looked, looked + chunk)
    const found = await Promise.all(some.map(async (row) => ({ name: row.name, item: await read(row) })))
    kept.push(...found.filter(({ item }) => keeps(item)))
    looked += some.length
  }
  const shown = kept.slice(0, limit)
  const goesOn = kept.length > limit || looked < rest.length
  const last = kept.length > limit ? shown.at(-1) : rest[looked - 1]
  return { items: shown.map(({ item }) => item), ...(goesOn && last && { next: last.name }), total: rows.length }
}
