import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { startAgent } from '#agent/start-agent.ts'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { agentArtifacts } from './agent-artifacts.ts'

// The agent: runs the workloads of this machine and serves them. Started detached by the control plane, which may die and
// come back without any workload noticing. SIGTERM stops all workloads; after a kill -9 the next agent takes them over.
const options = {
  data: { type: 'string' },
  'gateway-port': { type: 'string', default: '7080' },
  // The control plane's address is in agent-source.json too, which may change while the agent runs; kept for `ps`.
  'control-plane': { type: 'string' },
  'work-state': { type: 'string' },
} as const

const log = pino({ base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }))
try {
  const { values } = parseArgs({ options })
  const gatewayPort = Number(values['gateway-port'])
  if (!values.data || !Number.isInteger(gatewayPort))
    throw new PlatformError('USAGE', 'the agent needs --data FOLDER and --gateway-port NUMBER')
  const agent = await startAgent({
    dataFolder: values.data,
    gatewayPort,
    openArtifacts: agentArtifacts(values.data, log),
    onEvent: ({ environment, service }, { level, reason, message }) =>
      log[level]({ environment, service, reason }, message),
    onStop: () => stop('asked to'),
    ...(values['work-state'] && { workState: values['work-state'] }),
  })
  let stopping: Promise<void> | undefined
  function stop(why: string): void {
    stopping ??= agent.stop().then(
      () => process.exit(0),
      (error: Error) => {
        log.fatal({ err: error }, 'could not stop everything')
        process.exit(1)
      },
    )
    log.info(`stopping all workloads: ${why}`)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal))
  process.on('SIGHUP', () => {}) // the terminal that started the platform may close
  log.info({ gatewayPort: agent.gatewayPort }, 'the agent listens')
} catch (error) {
  log.fatal({ err: error, code: codeOf(error) }, (error as Error).message)
  process.exit(1)
}
