import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isProcessAlive, type ProcessRef } from '#lib/process-group.ts'
import { findEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { setTimeout as pause } from 'node:timers/promises'
import { stopAgent } from './agent-process.ts'
import { type Instance, readInstance } from './instance-lock.ts'

/** `fairway down`: ends a running or half-dead platform from outside and says what it ended. Safe to repeat. */
export async function stopPlatform(dataFolder: string): Promise<readonly string[]> {
  const stopped: string[] = []
  const instance = readInstance(dataFolder)
  if (instance)
    stopped.push(`control plane (process ${instance.pid}${(await endInstance(instance)) ? '' : ', killed'})`)
  if (await stopAgent(dataFolder)) stopped.push('agent and workloads')
  const postgres = await findEmbeddedPostgres(join(dataFolder, 'postgres'))
  if (postgres) {
    await postgres.stop()
    stopped.push(`PostgreSQL (process ${postgres.pid})`)
  }
  if (!readInstance(dataFolder)) await rm(join(dataFolder, 'instance.lock'), { force: true })
  return stopped
}

// It stops its agent and its database itself, which may take as long as their limits allow.
async function endInstance({ pid, started }: Instance): Promise<boolean> {
  process.kill(pid, 'SIGTERM')
  if (await hasEnded({ pid, started }, 90_000)) return true
  process.kill(pid, 'SIGKILL')
  await hasEnded({ pid, started }, 5_000)
  return false
}

async function hasEnded(ref: ProcessRef, ms: number): Promise<boolean> {
  const end = performance.now() + ms
  while (isProcessAlive(ref) && performance.now() < end) await pause(50)
  return !isProcessAlive(ref)
}
