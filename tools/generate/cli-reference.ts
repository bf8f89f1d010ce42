import { writeFile } from 'node:fs/promises'
import type { CommandSpec } from '../../src/cli/command.ts'
import { commandTable } from '../../src/cli/command-table.ts'
import { commonOptions, jsonOption } from '../../src/cli/command-words.ts'

const intro = `# Command line

Written by \`npm run generate\` from \`src/cli\`. Commands are typed as \`./fairway\` in the checkout, or as
\`npx --no-install fairway\` there. A service may be left out inside its clone.

Every command also takes these:

| Option | What it does |
|---|---|
${[jsonOption, ...commonOptions].map(({ flag, about }) => `| \`${flag}\` | ${about} |`).join('\n')}

A required option that is missing is asked for where somebody sits at a terminal. In pipes, in CI (\`CI=true\`) and with
\`--no-input\` nobody is asked: the command ends with 2 and says what to add. What cannot be taken back asks first, unless
\`--yes\` says so beforehand.

Results go to standard output, progress and errors to standard error. Exit code 0 means done; an error's exit code is in
[errors.md](errors.md). A run that was waited for ends the command with 0 when it succeeded, 3 when it waits for a person,
else with the exit code of its error; 124 means that the waiting time was over, 130 that somebody stopped watching: the
run itself goes on.`

/** docs/reference/cli.md: every command of the table with the words its own help shows. */
export async function cliPage(): Promise<string> {
  const sections = await Promise.all(commandTable.map(async ({ words, load }) => section(words, await load())))
  return `${[intro, ...sections].join('\n\n')}\n`
}

function section(words: string, { usage, summary, options = [], examples = [], fields }: CommandSpec): string {
  const rows = options.map(
    ({ flag, about, required, choices }) =>
      `| \`${flag}\` | ${about}${choices ? `: ${choices.join(', ')}` : ''}${required ? ' (required)' : ''} |`,
  )
  return [
    `## ${words}`,
    `\`fairway ${usage}${options.length > 0 ? ' [options]' : ''}\`: ${summary}.`,
    ...(rows.length > 0 ? [['| Option | What it does |', '|---|---|', ...rows].join('\n')] : []),
    ...(examples.length > 0 ? [['```sh', ...examples, '```'].join('\n')] : []),
    ...(fields.length > 0 ? [`Fields of \`--json\`: ${fields.map((field) => `\`${field}\``).join(', ')}.`] : []),
  ].join('\n\n')
}

if (import.meta.main) await writeFile(new URL('../../docs/reference/cli.md', import.meta.url), await cliPage())
