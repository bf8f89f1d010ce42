import { PlatformError } from '#errors/platform-error.ts'
import { defineCommand } from '../command.ts'
import { commandTable } from '../command-table.ts'

/** Completes commands and their verbs from the script itself, and names by asking `fairway complete`. */
export const completion = defineCommand({
  usage: 'completion <shell>',
  summary: 'Print a completion script for bash, zsh or fish',
  examples: ['source <(fairway completion bash)'],
  fields: [],
  async run({ args, out }) {
    const script = scripts[args[0] ?? '']
    if (!script) throw new PlatformError('USAGE', `completion knows bash, zsh and fish, not ${args[0]}`)
    out.line(script())
    return 0
  },
})

const scripts: Record<string, () => string> = {
  // Filtered by hand: compgen -W would run a $(command) that stands in a name.
  bash: () => `_fairway() {
  local word typed="\${COMP_WORDS[COMP_CWORD]}" words="${first().join('\n')}"
  if [ "$COMP_CWORD" -gt 1 ]; then
    case "\${COMP_WORDS[1]}" in
${nouns()
  .map(([noun, verbs]) => `      ${noun}) words="${verbs.join('\n')}" ;;`)
  .join('\n')}
      *) words="" ;;
    esac
    if [ -z "$words" ] || [ "$COMP_CWORD" -gt 2 ]; then
      words="$("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)"
    fi
  fi
  COMPREPLY=()
  while IFS= read -r word; do
    case "$word" in "$typed"*) [ -z "$word" ] || COMPREPLY+=("$word") ;; esac
  done <<< "$words"
}
complete -F _fairway fairway ./fairway`,
  zsh: () => `autoload -U +X bashcompinit && bashcompinit\n${scripts['bash']?.()}`,
  fish: () =>
    [
      ...commandTable.map(({ words, summary }) => {
        const [noun = '', verb] = words.split(' ')
        const condition = verb ? `__fish_seen_subcommand_from ${noun}` : '__fish_use_subcommand'
        return `complete -c fairway -f -n '${condition}' -a '${verb ?? noun}' -d '${summary.replaceAll("'", '’')}'`
      }),
      `complete -c fairway -f -n 'not __fish_use_subcommand' -a '(fairway complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
    ].join('\n'),
}

function first(): string[] {
  return [...new Set(commandTable.map(({ words }) => words.split(' ')[0] ?? ''))]
}

function nouns(): [string, string[]][] {
  const pairs = commandTable.map(({ words }) => words.split(' ')).filter((words) => words.length === 2)
  return [...new Set(pairs.map(([noun = '']) => noun))].map((noun) => [
    noun,
    pairs.filter(([other]) => other === noun).map(([, verb = '']) => verb),
  ])
}
