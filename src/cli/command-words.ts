import type { CommandSpec, OptionSpec } from './command.ts'

/** Options that every command takes. */
export const commonOptions: readonly OptionSpec[] = [
  { flag: '--quiet', about: 'print ids only, no progress' },
  { flag: '--verbose', about: 'tell each request to the platform and its id, on standard error' },
  { flag: '--as <person>', about: 'act as another signed-in local person' },
  { flag: '--server <url>', about: 'the platform to talk to' },
  { flag: '--no-input', about: 'ask nothing, as in CI' },
  { flag: '--no-color', about: 'no colour' },
]

/** Of every command that has an answer. */
export const jsonOption: OptionSpec = { flag: '--json [fields]', about: 'print JSON, or only these fields of it' }

/** Of one command, those that every command takes included. */
export function optionsOf({ options = [], fields }: CommandSpec): readonly OptionSpec[] {
  return [...options, ...(fields.length > 0 ? [jsonOption] : []), ...commonOptions]
}

/** `<run>`, `[service]`, `[words...]`, as they stand in the usage of a command. */
export function argumentsOf({ usage }: Pick<CommandSpec, 'usage'>): readonly string[] {
  return usage.match(/<[^>]+>|\[[^\]]+\]/g) ?? []
}

/** The name in an argument or in an option's flag: `environment` of `--env <environment>`; undefined for a mere switch. */
export function placeholderOf(text: string): string | undefined {
  return /[<[]([^>\].]+)/.exec(text)?.[1]
}

/** `--env` of `--env <environment>`, `--follow` of `-f, --follow`. */
export function longOf(flag: string): string {
  return /--[a-z-]+/.exec(flag)?.[0] ?? flag
}
