import { createServer } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startPlatform } from '../src/main/platform.ts'

// A process that runs the start-up of the platform around a bare HTTP server, so that tests can kill it.
const options = { data: { type: 'string' }, port: { type: 'string' } } as const
const { data = '', port = '0' } = parseArgs({ options }).values

const platform = await startPlatform({
  dataFolder: data,
  host: '127.0.0.1',
  port: Number(port),
  gatewayPort: 0,
  agentProgram: join(import.meta.dirname, 'bare-agent.ts'),
  log: (line) => console.log(`log ${line}`),
  async startControlPlane({ host, port }) {
    const server = createServer((_, reply) => reply.end('here')).listen(port, host)
    await once(server, 'listening')
    const url = `http://${host}:${(server.address() as { port: number }).port}`
    return { url, oneTimeLink: url, addresses: [], close: async () => void server.close() }
  },
})
console.log(`ready ${platform.url}`)
process.once('SIGTERM', () => void platform.close().then(() => process.exit(0)))
