import type { DevSettings } from '#model/dev-session.ts'
import type { Output } from '../output.ts'
import { ownValuesFile } from './own-values.ts'
import type { StartCommand } from './start-command.ts'

/** What would be started, values of secrets left out. */
export interface DevPlan {
  readonly service: string
  readonly folder: string
  readonly command: readonly string[]
  readonly commandFrom: string
  /** Whose variables and secrets. */
  readonly environment: string
  /** What logs, traces and metrics carry. */
  readonly ownEnvironment: string
  readonly variables: readonly { readonly name: string; readonly value: string; readonly from: 'platform' | 'file' }[]
  readonly secrets: readonly {
    readonly variable: string
    readonly secret: string
    readonly from: 'platform' | 'file' | 'nowhere'
  }[]
  readonly address: string | undefined
  readonly notes: readonly string[]
}

interface Known {
  readonly settings: DevSettings
  readonly own: Readonly<Record<string, string>>
  readonly command: StartCommand
  readonly folder: string
}

export function devPlan({ settings, own, command, folder }: Known): DevPlan {
  const secrets = settings.secrets.map(({ variable, secret, state }) => {
    const from = variable in own ? 'file' : state === 'lent' ? 'platform' : 'nowhere'
    return { variable, secret, from } as const
  })
  const isSecret = (name: string) => secrets.some(({ variable }) => variable === name)
  const given = settings.variables.filter(({ name }) => !(name in own) && !isSecret(name))
  const mine = Object.keys(own).filter((name) => !isSecret(name))
  return {
    service: settings.service,
    folder,
    command: command.argv,
    commandFrom: command.from,
    environment: settings.environment,
    ownEnvironment: settings.ownEnvironment,
    variables: [
      ...given.map(({ name, value }) => ({ name, value, from: 'platform' as const })),
      // whoever keeps a value in a file of their own may keep a secret there: names only
      ...mine.map((name) => ({ name, value: '…', from: 'file' as const })),
    ].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    secrets,
    address: settings.gateway ? `http://${settings.service}.me.localhost` : undefined,
    notes: [...settings.notes, ...missingNotes(settings, secrets)],
  }
}

/** Every variable of the command: what lets a program run at all, what the platform says, the person's own over it. */
export function devEnvironment({ settings, own }: Known, base: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(base).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && isKept(entry[0]),
  )
  const secrets = settings.secrets.flatMap(({ variable, value }) => (value === undefined ? [] : [[variable, value]]))
  return Object.fromEntries([
    ...kept,
    ...settings.variables.map(({ name, value }) => [name, value]),
    ...secrets,
    ...Object.entries(own),
  ])
}

const machine = new Set('PATH HOME USER LOGNAME SHELL TERM COLORTERM LANG TZ TMPDIR NODE_EXTRA_CA_CERTS'.split(' '))

// Sessions, tokens and whatever else lies in a person's shell stay there.
function isKept(name: string): boolean {
  return machine.has(name) || name.startsWith('LC_') || /^(?:https?|no)_proxy$/i.test(name)
}

function missingNotes({ service, environment, withheld }: DevSettings, secrets: DevPlan['secrets']): string[] {
  const missing = secrets.filter(({ from }) => from === 'nowhere')
  if (missing.length === 0) return []
  const names = missing.map(({ variable, secret }) => `${variable} (${secret})`).join(', ')
  const why = withheld ?? `nobody set ${missing.length > 1 ? 'them' : 'it'} in ${environment}`
  const [first] = missing
  const set = withheld ? '' : `, or: fairway secret set ${first?.secret} --service ${service} --env ${environment}`
  return [`without a value: ${names}: ${why}. Write ${first?.variable}=… into ${ownValuesFile}${set}`]
}

export function planText(plan: DevPlan, out: Output): string {
  const width = Math.max(
    8,
    ...[...plan.variables, ...plan.secrets.map(({ variable: name }) => ({ name }))].map(({ name }) => name.length),
  )
  const row = (name: string, text: string) => `  ${name.padEnd(width)}  ${text}`
  return [
    `${out.bold(plan.service)} would run ${plan.command.join(' ')}, as ${plan.commandFrom} says, in ${plan.folder}`,
    `Variables and secrets are those of ${plan.environment}; logs, traces and metrics are ${plan.ownEnvironment}'s.`,
    plan.address
      ? `Address: ${plan.address}, on the gateway's port`
      : 'No name: the platform has no gateway of its own.',
    ...plan.variables.map(({ name, value, from }) =>
      row(name, from === 'file' ? out.dim(`of ${ownValuesFile}`) : value),
    ),
    ...plan.secrets.map(({ variable, secret, from }) => row(variable, secretText(secret, from, out))),
    ...plan.notes.map((note) => out.yellow(note)),
  ].join('\n')
}

function secretText(secret: string, from: DevPlan['secrets'][number]['from'], out: Output): string {
  if (from === 'platform') return out.dim(`the secret ${secret}`)
  return from === 'file' ? out.dim(`of ${ownValuesFile}`) : out.red(`no value for the secret ${secret}`)
}
