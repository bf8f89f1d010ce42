import { DBOS, DBOSClient, DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk'
import type { PoolClient } from 'pg'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { problemOf } from '#errors/problem-of.ts'
import type { Run } from '#model/run.ts'
import { withAdvisoryLock } from '#store/advisory-lock.ts'
import type { Database } from '#store/database.ts'
import { beat } from '#store/replica.ts'
import { executionOf, findRun, insertRun, patchRun, type NewRun } from '#store/run.ts'
import { isTakenOver } from '#store/run-execution.ts'
import { throughOutage } from '#store/through-outage.ts'
import type { Platform } from '../platform.ts'
import { type AroundStep, nothingAround } from './around-step.ts'
import { betweenSteps } from './between-steps.ts'
import { executeStep } from './execute-step.ts'
import { cancelled, type Executions, openExecutions } from './executions.ts'
import { begin, end, fail } from './run-records.ts'
import { type Flow, partitionOf, type WorkflowDefinition } from './workflow.ts'

/** The version of the workflow protocol, not of the build: raise it only when stored runs could not go on with new code. */
const protocol = '1'
const runQueue = 'runs'
const deliveryQueue = 'deliveries'

export interface Engine {
  /** Writes the run and starts it, both in the caller's transaction. False when that run exists already. */
  start(tx: Database, client: PoolClient, run: NewRun): Promise<boolean>
  /** Starts `<run>:deliver` of a waiting run in the caller's transaction. False when somebody else did, or it waits no more. */
  deliver(tx: Database, client: PoolClient, run: Run): Promise<boolean>
  /** Goes on from the failed step under the same run. RUN_NOT_RETRYABLE when it did not fail. */
  retry(run: Run): Promise<void>
  /** Takes over what dead replicas left: nothing that ended is repeated. */
  recover(executors: readonly string[]): Promise<number>
  /** Who carries runs now, or did when it died. */
  executors(): Promise<readonly string[]>
  /** Aborts the present step of a run that this process carries; elsewhere the run ends at its next step. */
  cancel(run: string, by: string): void
  /** Lets go of runs that another replica took over while this process was silent. */
  letGo(): Promise<void>
  stop(): Promise<void>
}

export interface EngineOptions {
  readonly databaseUrl: string
  readonly executor: string
  readonly platform: Platform
  readonly workflows: readonly WorkflowDefinition[]
  readonly around?: AroundStep | undefined
  /** Called when this process takes an execution up, also in the middle of it: what its steps find on disk must be there. */
  readonly takeUp?: ((run: string) => Promise<void>) | undefined
}

/** Starts the durable engine. The only function that knows DBOS; one per process. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { databaseUrl, executor, platform, workflows, around = nothingAround, takeUp = async () => {} } = options
  DBOS.setConfig({
    name: 'fairway',
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: 10,
    executorID: executor,
    applicationVersion: protocol,
    logger: quietLogger(platform),
  } as never)
  const executions = openExecutions(platform.db)
  for (const workflow of workflows) register({ platform, executions, around, takeUp }, workflow)
  await beat(platform.db, executor) // what it takes from a queue from now on belongs to somebody alive
  await launchLocked(platform)
  await DBOS.registerQueue(runQueue, { workerConcurrency: 24, minPollingIntervalMs: 100, onConflict: 'always_update' })
  await DBOS.registerQueue(deliveryQueue, {
    partitionConcurrency: 1,
    minPollingIntervalMs: 100,
    onConflict: 'always_update',
  })
  const client = await DBOSClient.create({ systemDatabaseUrl: databaseUrl, systemDatabasePoolSize: 2 } as never)
  const enqueue = enqueuer(client)
  platform.engine = {
    async start(tx, connection, run) {
      const isNew = await insertRun(tx, run)
      if (isNew) await enqueue(connection, { id: run.id, name: run.workflow, run: run.id })
      return isNew
    },
    deliver: async (tx, connection, run) => handOver(enqueue, { tx, connection, run }),
    retry: (run) => retry(platform, run),
    recover: async (executors) => (executors.length === 0 ? 0 : recover(executors)),
    executors,
    cancel: (run, by) => executions.cancel(run, by),
    letGo: () => executions.letGo(),
    async stop() {
      await DBOS.shutdown({ workflowCompletionTimeoutMS: 5_000 })
      await client.destroy()
    },
  }
  return platform.engine
}

type Enqueue = (
  connection: PoolClient,
  job: { id: string; name: string; run: string; partition?: string },
) => Promise<void>

function enqueuer(client: DBOSClient): Enqueue {
  return async (connection, { id, name, run, partition }) => {
    const queue = partition ? { queueName: deliveryQueue, queuePartitionKey: partition } : { queueName: runQueue }
    await client.enqueueInTransaction(
      connection,
      { ...queue, workflowName: name, workflowID: id, appVersion: protocol },
      run,
    )
  }
}

async function handOver(
  enqueue: Enqueue,
  { tx, connection, run }: { tx: Database; connection: PoolClient; run: Run },
): Promise<boolean> {
  if (!run.service || !run.environment) throw new Error(`run ${run.id} has no place to deliver to`)
  const execution = `${run.id}:deliver`
  // The row is locked by this change: whoever decides at the same moment finds a run that waits no more.
  const taken = await patchRun(tx, run.id, { state: 'queued', execution, waitingFor: null, when: ['waiting'] })
  if (taken === undefined) return false
  await enqueue(connection, {
    id: execution,
    name: `${run.workflow}:deliver`,
    run: run.id,
    partition: partitionOf({ service: run.service, environment: run.environment }),
  })
  return true
}

interface Carrier {
  readonly platform: Platform
  readonly executions: Executions
  readonly around: AroundStep
  readonly takeUp: (run: string) => Promise<void>
}

function register(carrier: Carrier, workflow: WorkflowDefinition): void {
  const body = (part: 'run' | 'deliver') => (id: string) => execute(carrier, { workflow, part, id })
  DBOS.registerWorkflow(body('run'), { name: workflow.name })
  if (workflow.deliver) DBOS.registerWorkflow(body('deliver'), { name: `${workflow.name}:deliver` })
}

interface Execution {
  readonly workflow: WorkflowDefinition
  readonly part: 'run' | 'deliver'
  readonly id: string
}

/** One execution: begin, the workflow's own steps, and an end that is recorded in one transaction with whatever it starts. */
async function execute(
  { platform, executions, around, takeUp }: Carrier,
  { workflow, part, id }: Execution,
): Promise<void> {
  const execution = part === 'run' ? id : `${id}:deliver`
  const { hold, ended, close } = await executions.open(id, execution)
  const durably = <T>(name: string, work: () => Promise<T>) => DBOS.runStep(parking(execution, work), { name })
  const recorded = <T>(name: string, work: () => Promise<T>) =>
    DBOS.runStep(parking(execution, work), { name, ...throughOutages })
  const held = { platform, id, hold, workflow }
  try {
    const begun = await recorded('begin', () => begin(held))
    const call = { run: id, actor: begun.actor, platform, hold, ended, around }
    const flow: Flow = {
      run: id,
      actor: begun.actor,
      step: (step, input) =>
        around({ run: id, step: step.name, part: 'checkpoint' }, () =>
          durably(step.name, () => executeStep(call, step, input)),
        ) as never,
      result: () =>
        durably('result', () => throughOutage(platform.db, async () => (await findRun(platform.db, id))?.result ?? {})),
    }
    try {
      if (begun.cancelledBy !== undefined) throw cancelled(id, begun.cancelledBy)
      await throughOutage(platform.db, () => takeUp(id))
      const input = workflow.input.parse(begun.input)
      const ending = await (part === 'run' ? workflow.run : (workflow.deliver ?? workflow.run))(flow, input)
      await recorded('end', () => end(held, ending))
    } catch (thrown) {
      if (thrown instanceof DBOSWorkflowConflictError) throw thrown // somebody else carries it, and ends it
      const problem = problemOf(codeOf(thrown) === undefined ? betweenSteps(platform, id, thrown) : thrown)
      await recorded('fail', () => fail(held, problem))
      throw thrown
    }
  } finally {
    close()
  }
}

/** Our own records wait for a database that is away. */
const throughOutages = { retriesAllowed: true, maxAttempts: 20, intervalSeconds: 0.2, backoffRate: 1.5 }

/** Who does not carry the run any more is parked by the engine until the one who does has ended it. */
function parking<T>(execution: string, work: () => Promise<T>): () => Promise<T> {
  return async () => {
    try {
      return await work()
    } catch (error) {
      throw isTakenOver(error) ? new DBOSWorkflowConflictError(execution) : error
    }
  }
}

async function retry(platform: Platform, run: Run): Promise<void> {
  const execution = (await executionOf(platform.db, run.id)) ?? run.id
  const steps = (await DBOS.listWorkflowSteps(execution)) ?? []
  const failed = steps.find((step) => step.error !== null && step.error !== undefined)
  if (!failed) throw new PlatformError('RUN_NOT_RETRYABLE', `run ${run.id} has no failed step to go on from`)
  const notFailed = new PlatformError('RUN_NOT_RETRYABLE', `run ${run.id} is not failed any more`)
  const taken = await patchRun(platform.db, run.id, { state: 'queued', error: null, finished: false, when: ['failed'] })
  if (taken === undefined) throw notFailed
  const behindWait = execution !== run.id && run.service && run.environment
  const queue = behindWait
    ? {
        queueName: deliveryQueue,
        queuePartitionKey: partitionOf({ service: run.service as string, environment: run.environment as string }),
      }
    : { queueName: runQueue }
  try {
    await DBOS.rewindWorkflow(execution, { startStep: failed.functionID, ...queue })
  } catch (error) {
    await patchRun(platform.db, run.id, { state: 'failed', error: run.error ?? null, finished: true, when: ['queued'] })
    throw error
  }
  await platform.events.publish('run', run.id)
}

async function recover(executors: readonly string[]): Promise<number> {
  const { getExecutor } = await import('@dbos-inc/dbos-sdk/internal/dbos')
  return (await getExecutor().recoverPendingWorkflows([...executors])).length
}

async function executors(): Promise<readonly string[]> {
  const pending = await DBOS.listWorkflows({ status: 'PENDING', loadInput: false, loadOutput: false })
  return [...new Set(pending.flatMap((execution) => execution.executorId ?? []))]
}

/** Two replicas that migrate an empty database at once would break it for good (stack.md, trap 1). */
async function launchLocked(platform: Platform): Promise<void> {
  await withAdvisoryLock(platform.pool, 727_002, () => DBOS.launch())
}

function quietLogger(platform: Platform) {
  const { log } = platform
  return {
    info: (entry: unknown) => log.debug(String(entry)),
    debug: () => {},
    warn: (entry: unknown) => log.warn(String(entry)),
    error: (entry: unknown) => log.error(String(entry)),
  }
}
