import { defineCommand } from '../command.ts'
import { pathsWanted } from './complete.ts'

/** The scripts ask `fairway complete` at each Tab and give its lines to the shell as they are. */
export const completion = defineCommand({
  usage: 'completion <shell>',
  summary: 'Print a completion script for bash, zsh or fish',
  examples: [
    'source <(fairway completion bash)      (in ~/.bashrc)',
    'source <(fairway completion zsh)       (in ~/.zshrc)',
    'fairway completion fish | source       (in ~/.config/fish/config.fish)',
  ],
  choices: { shell: ['bash', 'zsh', 'fish'] },
  fields: [],
  async run({ args: [shell = ''], out }) {
    out.line(scripts[shell as keyof typeof scripts])
    return 0
  },
})

const scripts = {
  // Filtered by hand: compgen -W would run a $(command) that stands in a name.
  bash: `_fairway() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    if [ "$word" = '${pathsWanted}' ]; then compopt -o default 2>/dev/null; COMPREPLY=(); return; fi
    [ -z "$word" ] || COMPREPLY+=("$word")
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _fairway fairway ./fairway`,
  zsh: `_fairway() {
  local -a offers
  offers=("\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "\${offers[1]}" == '${pathsWanted}' ]]; then _files; return; fi
  offers=(\${offers:#})
  (( \${#offers} )) && compadd -- "\${(@)offers}"
}
(( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit -u }
compdef _fairway fairway`,
  fish: `function __fairway_offers
  set -l line (commandline -opc) (commandline -ct)
  set -l offers ($line[1] complete -- $line[2..] 2>/dev/null)
  if test "$offers[1]" = '${pathsWanted}'
    __fish_complete_path (commandline -ct)
  else
    printf '%s\n' $offers
  end
end
complete -c fairway -f -a '(__fairway_offers)'`,
}
