import type { AuditReport } from '#model/audit-chain.ts'
import type { RebuildReport } from '#model/rebuild.ts'
import type { ApiClient } from '../client/client.ts'
import type { KnownNames } from './known-names.ts'
import type { Output } from './output.ts'

/** One option; the flag is written as commander takes it: `--owner <team>`, `--wait`, `--set <key=value...>`. */
export interface OptionSpec {
  readonly flag: string
  readonly about: string
  /** Asked for at a terminal when it is missing; USAGE where nobody can be asked. */
  readonly required?: boolean
  /** The only words it takes. */
  readonly choices?: readonly string[]
}

/** What commander makes of an option: its text, whether it was given, or the texts of a repeated one. */
export type OptionValue = string | boolean | readonly string[]

export interface Invocation {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, OptionValue | undefined>>
  readonly out: Output
  /** The API as the chosen person on the chosen server. NOT_SIGNED_IN when there is no session. */
  api(): Promise<ApiClient>
  /** The service named, else of this folder, else chosen at the terminal; USAGE where none of these says one. */
  serviceOf(given: string | undefined): Promise<string>
  readonly ask: Asking
  /** Names that exist, at most a minute old; none where the platform does not answer in that time. */
  names(patienceMs: number): Promise<KnownNames>
  readonly session: SessionAccess
  readonly local: LocalActs
  /** Of this command line. */
  readonly version: string
  readonly stdin: NodeJS.ReadStream
}

/** Questions to whoever sits at the terminal; INTERRUPTED when they go away. */
export interface Asking {
  /** Somebody is there, and --no-input was not given. */
  readonly canAsk: boolean
  text(question: string): Promise<string>
  choose(question: string, choices: readonly string[]): Promise<string>
  /** What is typed is not shown. */
  hidden(question: string): Promise<string>
  /** Before what cannot be taken back: --yes agrees beforehand; USAGE where nobody can be asked. */
  confirm(question: string): Promise<void>
}

export interface KnownServer {
  readonly server: string
  /** Who acts there without --as. */
  readonly current: string | undefined
  readonly people: readonly { readonly name: string; readonly token: string }[]
}

export interface SessionAccess {
  readonly server: string
  /** To the server, with what --verbose tells; one that is not there is SERVER_UNREACHABLE. */
  readonly fetch: typeof globalThis.fetch
  /** The person asked for by --as, or the current one; undefined when nobody is signed in. */
  person(): Promise<string | undefined>
  token(): Promise<string | undefined>
  save(person: string, token: string): Promise<void>
  forget(): Promise<void>
  /** Every server that somebody signed in to from here. */
  known(): Promise<readonly KnownServer[]>
  /** Commands go to this server from now on, and act as this person where one is named. */
  choose(server: string, person?: string): Promise<void>
}

/** What only this machine can answer; given by main, since the command line itself is a client like any other. */
export interface LocalActs {
  loginKey(): Promise<string | undefined>
  down(): Promise<readonly string[]>
  up(argv: readonly string[]): Promise<number>
  doctor(): Promise<
    readonly { check: string; state: string; found: string; costs?: string | undefined; hint?: string | undefined }[]
  >
  /** Copies every repository to the Git host of another start-up file, while the platform does not run. */
  moveGitHost(
    file: string,
    dryRun: boolean,
  ): Promise<{ from: string; to: string; repositories: readonly { name: string; branches: number }[] }>
  /** Makes the keys that replicas share; what is there stays. */
  createKeys(folder: string): Promise<{ folder: string; made: readonly string[]; kept: readonly string[] }>
  /** What the products of the start-up file answer; undefined when the platform runs, since then it asks itself. */
  live(): Promise<readonly LiveFinding[] | undefined>
  /** What a setting of this machine is and what decided it; USAGE when there is none of that name. */
  setting(key: string): { key: string; value: string; from: string }
  /** Checks an export of the audit log with tools/audit-verify.mjs; the server is not asked. */
  verifyExport(
    file: string,
    own: { readonly keys: readonly string[]; readonly heads: readonly string[] },
  ): Promise<AuditVerification>
  /** Rebuilds the index of a platform that does not run; undefined when it runs, since then it does so itself. */
  rebuild(): Promise<RebuildReport | undefined>
  backup(asked: { out: string | undefined; keyFile: string | undefined }): Promise<{
    file: string
    bytes: number
    seconds: number
    rows: number
    repositories: number
    files: number
    keyFile: string
    keyIsNew: boolean
  }>
  restore(
    file: string,
    asked: { keyFile: string | undefined },
  ): Promise<{
    dataFolder: string
    createdAt: string
    rows: number
    repositories: number
    seconds: number
    problems: readonly string[]
  }>
  /** Runs a service from source on this machine. */
  develop(wanted: DevelopmentWanted, hears: DevelopmentHears): Promise<Development>
  /** How Git calls this program as its credential helper. */
  readonly program: string
}

export interface DevelopmentWanted {
  readonly service: string
  readonly folder: string
  readonly argv: readonly string[]
  /** All variables of the command but PORT. It gets nothing else of this process. */
  readonly env: Readonly<Record<string, string>>
  /** Variables that name the container's port. */
  readonly portVariables: readonly string[]
  /** Where the command listens; a free port when left out. */
  readonly port: number | undefined
  /** Values that must not show in anything that it prints. */
  readonly secrets: readonly string[]
  /** Where its output goes besides the terminal. */
  readonly logs:
    | { readonly endpoint: string; readonly token: string; readonly owner: string; readonly environment: string }
    | undefined
}

export interface DevelopmentHears {
  line(line: DevelopmentLine): void
  request(request: {
    readonly method: string
    readonly path: string
    readonly status: number
    readonly ms: number
  }): void
  /** Something that the person should know, in words. */
  note(text: string): void
}

export interface DevelopmentLine {
  readonly at: string
  readonly level: string
  readonly text: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly stream: 'stdout' | 'stderr'
}

export interface Development {
  /** Where the command listens. */
  readonly port: number
  /** Where its doorkeeper listens, to whom names of the gateway may lead. */
  readonly doorPort: number
  readonly proof: string
  /** Once something listens at the command's port; false when the command ended before. */
  readonly ready: Promise<boolean>
  readonly ended: Promise<{ readonly code: number | null; readonly lastWords: string | undefined }>
  /** Ends the command and everything that it started. Returns when nothing of it runs. */
  stop(): Promise<void>
}

/** One thing that was tried at what stands behind a port. */
export interface LiveFinding {
  readonly port: string
  readonly product: string
  readonly check: string
  readonly state: 'ok' | 'missing' | 'problem'
  readonly found: string
  readonly hint?: string | undefined
}

/** What a check of the audit log found; an export does not know how runs ended. */
export type AuditVerification = Omit<AuditReport, 'intents'> & Partial<Pick<AuditReport, 'intents'>>

export interface CommandSpec {
  /** Words after `fairway`, with arguments: `run show <id>`. */
  readonly usage: string
  readonly summary: string
  readonly options?: readonly OptionSpec[]
  /** The only words that an argument of `usage` takes, by its name there. */
  readonly choices?: Readonly<Record<string, readonly string[]>>
  readonly examples?: readonly string[]
  /** What --json prints at the top level: of the answer, or of each row of a table. Empty: the command prints no JSON. */
  readonly fields: readonly string[]
  run(invocation: Invocation): Promise<number | undefined>
}

export function defineCommand(spec: CommandSpec): CommandSpec {
  return spec
}

/** Of every command that asks before it acts. */
export const yesOption: OptionSpec = { flag: '--yes', about: 'do not ask first' }

export const environmentOption: OptionSpec = {
  flag: '--env <environment>',
  about: 'environment, as dev, staging or production',
  required: true,
}
