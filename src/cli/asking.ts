import { PlatformError } from '#errors/platform-error.ts'
import type { Asking } from './command.ts'

interface Terminal {
  readonly stdin: NodeJS.ReadStream
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
  readonly options: Readonly<Record<string, unknown>>
}

/** Questions on standard error, to whoever sits at the terminal; in CI, with --no-input and in pipes there is nobody. */
export function asking({ stdin, stderr, env, options }: Terminal): Asking {
  const canAsk = stdin.isTTY && stderr.isTTY && !env['CI'] && options['input'] !== false
  const at = { input: stdin, output: stderr }
  const ask = async <T>(question: (prompts: typeof import('@clack/prompts')) => Promise<T>) => {
    const prompts = await import('@clack/prompts')
    const answer = await question(prompts)
    if (prompts.isCancel(answer)) throw new PlatformError('INTERRUPTED', 'nothing was done')
    return answer as Exclude<T, symbol>
  }
  return {
    canAsk,
    text: (message) =>
      ask((prompts) => prompts.text({ ...at, message, validate: (said) => (said ? undefined : 'say something') })),
    choose: (message, choices) =>
      ask((prompts) => prompts.select({ ...at, message, options: choices.map((value) => ({ value })), maxItems: 12 })),
    hidden: (message) => ask((prompts) => prompts.password({ ...at, message })),
    async confirm(message) {
      if (options['yes'] === true) return
      if (!canAsk) throw new PlatformError('USAGE', `${message} Nobody is here to ask.`, { hint: 'say it with --yes' })
      if (!(await ask((prompts) => prompts.confirm({ ...at, message, initialValue: false }))))
        throw new PlatformError('INTERRUPTED', 'nothing was done')
    },
  }
}
