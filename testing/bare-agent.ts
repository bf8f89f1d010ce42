import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

// Keeps to the start-up contract of the agent and runs nothing: tests of start-up need no workloads.
const options = { data: { type: 'string' }, 'gateway-port': { type: 'string' } } as const
const { data = '' } = parseArgs({ options }).values
const server = createServer((_, reply) => reply.end()).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
await writeFile(join(data, 'agent.json'), JSON.stringify({ pid: process.pid, url, token: 'none' }), { mode: 0o600 })
process.once('SIGTERM', () => process.exit(0))
