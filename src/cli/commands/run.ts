import { PlatformError } from '#errors/platform-error.ts'
import type { Run, RunDetail } from '#model/run.ts'
import { runStates } from '#model/run-states.ts'
import { answerFields, rowFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { followRun, timeoutOf } from '../act.ts'
import { defineCommand } from '../command.ts'
import { diffText } from '../diff-text.ts'
import { age } from '../output.ts'
import { exitOfRun, reportOf, runSummary, watchRun } from '../watch-run.ts'
import { noteMore, pageOf, pagingOptions } from '../paging.ts'

export const runList = defineCommand({
  usage: 'run list',
  summary: 'Runs, newest first',
  options: [
    { flag: '--service <service>', about: 'only of this service' },
    { flag: '--state <state>', about: 'only in this state', choices: runStates },
    { flag: '--mine', about: 'started by me' },
    ...pagingOptions,
  ],
  fields: rowFields['GET /api/v1/runs'],
  async run({ options, api, out }) {
    const query = {
      ...pageOf(options),
      ...(options['service'] !== undefined && { service: String(options['service']) }),
      ...(options['state'] !== undefined && { state: String(options['state']) as Run['state'] }),
      ...(options['mine'] === true && { mine: 'true' as never }),
    }
    const { items, next } = await dataOf((await api()).GET('/api/v1/runs', { params: { query } }))
    out.table(
      items,
      [
        { title: 'RUN', cell: (row) => row.id },
        { title: 'STATE', cell: (row) => out.state(row.state) },
        { title: 'WORKFLOW', cell: (row) => row.workflow },
        { title: 'SERVICE', cell: (row) => row.service ?? '-' },
        { title: 'ENVIRONMENT', cell: (row) => row.environment ?? '-' },
        { title: 'BY', cell: (row) => row.requestedBy },
        { title: 'STARTED', cell: (row) => age(row.startedAt, out.isTerminal) },
      ],
      'no runs yet; create a service with: fairway new --template http-api --name NAME --owner TEAM',
    )
    noteMore(out, next)
    return 0
  },
})

export const runShow = defineCommand({
  usage: 'run show <run>',
  summary: 'One run with its steps and log',
  options: [{ flag: '--log', about: 'with every log line' }],
  fields: [...answerFields['GET /api/v1/runs/{id}'], 'log'],
  async run({ args, options, api, out }) {
    const client = await api()
    const id = args[0] ?? ''
    const run = (await dataOf(client.GET('/api/v1/runs/{id}', { params: { path: { id } } }))) as RunDetail
    const wantsLog = options['log'] === true || run.state === 'failed'
    const log = wantsLog ? (await dataOf(client.GET('/api/v1/runs/{id}/log', { params: { path: { id } } }))).items : []
    const failed = run.steps.find((step) => step.state === 'failed')
    const lines = options['log'] === true ? log : log.filter((line) => line.step === failed?.name).slice(-20)
    const steps = run.steps.map(
      (step) =>
        `  ${out.state(step.state).padEnd(out.isTerminal ? 19 : 10)} ${step.title}${step.effect ? out.dim(`  ${step.effect}`) : ''}${step.error ? `  ${out.red(step.error.detail)}` : ''}`,
    )
    const report = out.isJson ? undefined : await reportOf(client, run)
    out.result(options['log'] === true ? { ...run, log } : run, () =>
      [runSummary(run, out, report), '', ...steps, ...lines.map((line) => `  ${out.dim(line.step)} ${line.text}`)].join(
        '\n',
      ),
    )
    return 0
  },
})

export const runCommits = defineCommand({
  usage: 'run commits <run> [commit]',
  summary: 'The commits of a run: what started it and what it wrote; with a commit, what that one changed',
  examples: ['fairway run commits r4k7m2xw9q', 'fairway run commits r4k7m2xw9q 1f3a9c0'],
  fields: answerFields['GET /api/v1/runs/{id}/commits/{commit}'],
  async run({ args, api, out }) {
    const client = await api()
    const id = args[0] ?? ''
    const { items } = await dataOf(client.GET('/api/v1/runs/{id}/commits', { params: { path: { id } } }))
    const [, wanted] = args
    if (wanted !== undefined) {
      const found = items.find((one) => one.commit.startsWith(wanted))
      if (!found) throw new PlatformError('NOT_FOUND', `run ${id} has no commit ${wanted}`)
      const path = { id, commit: found.commit }
      const whole = await dataOf(client.GET('/api/v1/runs/{id}/commits/{commit}', { params: { path } }))
      out.result(whole, (shown) =>
        [
          `${out.bold(shown.title)} (${shown.repository} ${shown.commit})`,
          shown.message,
          '',
          diffText(shown.diff, out),
        ].join('\n'),
      )
      return 0
    }
    out.table(
      items,
      [
        { title: 'COMMIT', cell: (row) => row.commit.slice(0, 12) },
        { title: 'REPOSITORY', cell: (row) => row.repository },
        { title: 'STEP', cell: (row) => row.step ?? 'started the run' },
        { title: 'AUTHOR', cell: (row) => row.author },
        { title: 'FILES', cell: (row) => String(row.files.length + row.moreFiles) },
        { title: 'TITLE', cell: (row) => row.title },
      ],
      `run ${id} wrote no commit yet`,
    )
    return 0
  },
})

export const runWatch = defineCommand({
  usage: 'run watch <run>',
  summary: 'Follow a run until it ends',
  options: [{ flag: '--timeout <time>', about: 'how long to wait, as 90s or 10m (default 10m)' }],
  fields: ['run'],
  async run({ args, options, api, out }) {
    const client = await api()
    const run = await watchRun(client, out, { id: args[0] ?? '', timeoutMs: timeoutOf(options['timeout']) })
    if (run) {
      const report = out.isJson ? undefined : await reportOf(client, run)
      out.result(
        { run },
        () => runSummary(run, out, report),
        () => run.id,
      )
    }
    return exitOfRun(run)
  },
})

const waitOptions = [
  { flag: '--wait', about: 'follow the run until it ends' },
  { flag: '--timeout <time>', about: 'how long to wait (default 10m)' },
] as const

export const runRetry = defineCommand({
  usage: 'run retry <run>',
  summary: 'Go on from the failed step',
  options: waitOptions,
  fields: ['run'],
  async run(invocation) {
    const api = await invocation.api()
    const run = (await dataOf(
      api.POST('/api/v1/runs/{id}/retry', { params: { path: { id: invocation.args[0] ?? '' } }, body: {} }),
    )) as Run
    return followRun(invocation, api, { run })
  },
})

export const runCancel = defineCommand({
  usage: 'run cancel <run>',
  summary: 'End a run that waits or is under way; what it made until then stays',
  fields: ['run'],
  async run({ args, api, out }) {
    const client = await api()
    const run = (await dataOf(
      client.POST('/api/v1/runs/{id}/cancel', { params: { path: { id: args[0] ?? '' } }, body: {} }),
    )) as Run
    const next = `take back what it made: fairway run undo ${run.id} --dry-run`
    out.result(
      { run },
      () =>
        run.state === 'cancelled'
          ? `run ${run.id} is cancelled; ${next}`
          : `run ${run.id} ends with its present step: fairway run watch ${run.id}; then ${next}`,
      () => run.id,
    )
    return 0
  },
})

export const runUndo = defineCommand({
  usage: 'run undo <run>',
  summary: 'Take back what a failed, cancelled or waiting run made',
  options: [{ flag: '--dry-run', about: 'list what would go and what would stay, and why' }, ...waitOptions],
  fields: answerFields['POST /api/v1/runs/{id}/undo'],
  async run(invocation) {
    const api = await invocation.api()
    const params = { path: { id: invocation.args[0] ?? '' } }
    const dryRun = invocation.options['dryRun'] === true
    const answer = (await dataOf(api.POST('/api/v1/runs/{id}/undo', { params, body: { dryRun } }))) as
      | { run: Run }
      | { plan: { step: string; effect: string; willUndo: boolean }[] }
    if ('run' in answer) return followRun(invocation, api, { run: answer.run })
    const { plan } = answer
    invocation.out.result(
      { plan },
      () =>
        plan.map((part) => `${part.willUndo ? 'undo' : 'keep'}  ${part.step}: ${part.effect}`).join('\n') ||
        'nothing to undo',
    )
    return 0
  },
})
