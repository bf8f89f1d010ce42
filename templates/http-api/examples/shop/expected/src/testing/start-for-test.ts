import type { TestContext } from 'node:test'
import { readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { startService } from '../service.ts'

/** The whole service on a free port, with its log lines at hand; it stops with the test. */
export async function startForTest(t: TestContext, variables: Record<string, string> = {}) {
  const lines: string[] = []
  const config = readConfig({ PORT: '0', HOST: '127.0.0.1', ...variables })
  const service = await startService(
    config,
    createLog('debug', (line) => lines.push(line)),
  )
  t.after(() => service.drain(0))
  return { url: `http://127.0.0.1:${service.port}`, service, logged: () => lines.map((line) => JSON.parse(line)) }
}
