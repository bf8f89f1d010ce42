/** Whether something answers there with a good status. */
export async function answers(url: string): Promise<boolean> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  await reply.body?.cancel()
  return reply.ok
}
