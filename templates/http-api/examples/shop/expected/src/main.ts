import { type Config, readConfig } from './config.ts'
import { createLog, type Log } from './log.ts'
import { type Service, startService } from './service.ts'
import { startTelemetry, type Telemetry } from './telemetry.ts'

// The bundle's stack traces then name the TypeScript lines.
process.setSourceMapsEnabled(true)
// Nobody reads the logs any more: that must not stop the service.
process.stdout.on('error', () => {})

const startLog = createLog('info')
process.on('uncaughtException', (error) => {
  startLog.fatal('stopped by an unexpected error', { error })
  process.exit(1)
})

const config = readConfig(process.env)
const log = createLog(config.logLevel)
const telemetry = startTelemetry(config, log)
const starting = startService(config, log)
// Before anybody is told that it is ready: from then on a signal may come.
stopOnSignal({ config, log, telemetry, starting })
await starting

function stopOnSignal(parts: { config: Config; log: Log; telemetry: Telemetry; starting: Promise<Service> }): void {
  let stopping = false
  const stop = async (signal: NodeJS.Signals, delayMs: number) => {
    if (stopping) return
    stopping = true
    parts.log.info('stopping', { signal })
    const service = await parts.starting
    await service.drain(delayMs)
    await parts.telemetry.stop(2_000)
    parts.log.info('stopped')
    process.exit(0)
  }
  process.on('SIGTERM', (signal) => void stop(signal, parts.config.drain.delayMs))
  process.on('SIGINT', (signal) => void stop(signal, 0))
}
