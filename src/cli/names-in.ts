/** Names of the workload, or of the components that a catalog file describes; none where the text cannot be read. */
export async function namesIn(text: string): Promise<readonly string[]> {
  const { parseAllDocuments } = await import('yaml')
  try {
    const documents = parseAllDocuments(text).map(
      (one) => one.toJS({ maxAliasCount: 0 }) as { kind?: unknown; metadata?: { name?: unknown } } | null,
    )
    return documents
      .filter((one) => one?.kind === undefined || one.kind === 'Component')
      .map((one) => one?.metadata?.name)
      .filter((name) => typeof name === 'string')
  } catch {
    return []
  }
}
