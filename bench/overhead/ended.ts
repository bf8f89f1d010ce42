import { type ApiClient, dataOf } from '../../src/client/client.ts'
import { waitUntil } from '../../testing/wait-until.ts'

/** Waits for the run of an answer; anything but success fails the bench. */
export async function ended(api: ApiClient, reply: unknown): Promise<void> {
  const { id } = (reply as { run: { id: string } }).run
  const run = await waitUntil(
    async () => {
      const found = await dataOf(api.GET('/api/v1/runs/{id}', { params: { path: { id } } }))
      return ['succeeded', 'failed', 'superseded'].includes(found.state) ? found : undefined
    },
    { what: `run ${id} to end`, ms: 900_000, everyMs: 200 },
  )
  if (run.state !== 'succeeded') throw new Error(`run ${id} is ${run.state}: ${JSON.stringify(run.error)}`)
}
