import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import { changeId, type Check } from '#model/change-request.ts'
import { Name, RepoRef } from '#model/names.ts'
import { parseTemplate } from '#render/template/parse-template.ts'
import { defineStep, type StepContext } from '../engine/step.ts'
import { defineWorkflow } from '../engine/workflow.ts'
import { readSettings } from '../settings.ts'
import { contextOf } from './change-context.ts'

export const CheckInput = z.object({ repo: RepoRef, number: z.int(), commit: z.string(), service: Name.optional() })
type CheckInput = z.output<typeof CheckInput>

/** Runs what must hold before the change may merge, and reports each check on its head. A failed check is a result, not a failed run. */
export const runChecksStep = defineStep({
  name: 'run-checks',
  title: 'Run checks',
  input: CheckInput,
  output: z.object({ checks: z.array(z.object({ name: z.string(), state: z.string(), summary: z.string() })) }),
  seconds: 1_800,
  external: true,
  describe: ({ repo, number }) => `Checks of ${repo.owner}/${repo.name}#${number}`,
  effect: ({ checks }) => checks.map((check) => `${check.name}: ${check.summary}`).join('; '),
  async run(context, input) {
    const { platform } = context
    const change = await platform.ports.gitHost.changes.find(input.repo, input.number)
    if (!change) throw new PlatformError('CHANGE_UNKNOWN', `change request ${input.number} is gone`)
    const names = (await contextOf(platform, change)).checks
    const checks: Pick<Check, 'name' | 'state' | 'summary'>[] = []
    for (const name of names) {
      await report(context, input, { name, state: 'pending', summary: 'running' })
      const result = await runCheck(context, input, name)
      await report(context, input, result)
      checks.push(result)
    }
    await platform.events.publish('change', changeId(change))
    return { checks }
  },
})

export const checkWorkflow = defineWorkflow({
  name: 'check',
  input: CheckInput,
  steps: [runChecksStep],
  async run(flow, input) {
    const { checks } = await flow.step(runChecksStep, input)
    return { state: 'succeeded', result: { checks } }
  },
})

type Outcome = Pick<Check, 'name' | 'state' | 'summary'>

async function report({ platform, run }: StepContext, { repo, commit }: CheckInput, outcome: Outcome): Promise<void> {
  await platform.ports.gitHost.changes.check(repo, commit, {
    ...outcome,
    link: `/runs/${run}`,
    at: new Date().toISOString(),
  })
}

async function runCheck(context: StepContext, input: CheckInput, name: string): Promise<Outcome> {
  const checks: Record<string, () => Promise<string>> = {
    pipeline: () => pipeline(context, input),
    settings: () => settingsCheck(context, input),
    'policy-compile': () => policyCompile(context, input),
  }
  try {
    return { name, state: 'success', summary: (await checks[name]?.()) ?? 'passed' }
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string }
    context.log(`${name}: ${message}`, 'error')
    return { name, state: 'failure', summary: hint ? `${message} (${hint})` : message }
  }
}

async function pipeline({ platform, key, log, signal }: StepContext, { repo, commit }: CheckInput): Promise<string> {
  const report = (line: { step: string; level: 'info' | 'warn' | 'error'; text: string }) =>
    log(`[${line.step}] ${line.text}`, line.level)
  const result = await platform.ports.ci.build({ key, repo, commit, service: repo.name }, report, signal)
  if (result.state === 'failure')
    throw new PlatformError('PIPELINE_FAILED', result.failure?.reason ?? 'the pipeline failed')
  return `passed: ${result.steps.map((step) => step.name).join(', ')}`
}

async function settingsCheck({ platform }: StepContext, { commit }: CheckInput): Promise<string> {
  const settings = await readSettings(platform.ports.gitHost, commit)
  await platform.adapters.check(settings.platform.spec.adapters)
  for (const files of settings.templates.values()) {
    await admitYaml(files.get('template.yaml'))
    parseTemplate(files)
  }
  return `${settings.environments.length} environments, ${settings.templates.size} golden paths read`
}

async function policyCompile({ platform, signal }: StepContext, { commit }: CheckInput): Promise<string> {
  const { policySources } = await readSettings(platform.ports.gitHost, commit)
  const compiled = await platform.ports.policy.compile(policySources, signal)
  return `${compiled.policies.length} rules compile and pass their tests`
}
