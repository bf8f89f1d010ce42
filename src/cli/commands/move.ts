import { defineCommand } from '../command.ts'

export const moveGitHost = defineCommand({
  usage: 'move git-host',
  summary: 'Copy every repository to another Git host, while the platform does not run',
  options: [
    { flag: '--to <file>', about: 'the fairway.yaml that names the other Git host', required: true },
    { flag: '--dry-run', about: 'say what would be copied, and write nothing' },
  ],
  examples: ['fairway down && fairway move git-host --to with-gitea.yaml'],
  fields: ['from', 'to', 'repositories'],
  async run({ options, local, out }) {
    const dryRun = options['dryRun'] === true
    const moved = await local.moveGitHost(String(options['to']), dryRun)
    out.result(moved, ({ from, to, repositories }) =>
      [
        `${dryRun ? 'Would copy' : 'Copied'} ${repositories.length} repositories from ${from} to ${to}:`,
        ...repositories.map(({ name, branches }) => `  ${name}: ${branches} branches and tags`),
        ...(dryRun ? [] : [`Start with FAIRWAY_CONFIG=${String(options['to'])}, then: fairway rebuild`]),
      ].join('\n'),
    )
    return 0
  },
})
