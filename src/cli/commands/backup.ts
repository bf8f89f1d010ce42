import { PlatformError } from '#errors/platform-error.ts'
import { defineCommand, type OptionValue } from '../command.ts'

const keyOption = {
  flag: '--key-file <file>',
  about: 'file of the key (default fairway/backup-key in your settings folder)',
}

export const backup = defineCommand({
  usage: 'backup',
  summary: 'Write a sealed backup of everything, while the platform runs',
  options: [{ flag: '--out <file>', about: 'the file to write (default fairway-TIME.backup here)' }, keyOption],
  examples: ['fairway backup --out /backups/fairway.backup', 'fairway backup --key-file /media/keys/fairway'],
  fields: ['file', 'bytes', 'seconds', 'rows', 'repositories', 'files', 'keyFile', 'keyIsNew'],
  async run({ local, options, out }) {
    const report = await local.backup({ out: textOf(options['out']), keyFile: textOf(options['keyFile']) })
    if (report.keyIsNew)
      out.note(
        `${report.keyFile} is a new key. Keep a copy of it elsewhere: without it nobody can restore this backup.`,
      )
    out.result(
      report,
      ({ file, bytes, seconds, rows, repositories }) =>
        `${file}: ${(bytes / 1e6).toFixed(1)} MB in ${seconds} s, ${rows} rows and ${repositories} repositories, sealed with ${report.keyFile}`,
      ({ file }) => file,
    )
    return 0
  },
})

export const restore = defineCommand({
  usage: 'restore <file>',
  summary: 'Restore a backup into an empty data folder',
  options: [keyOption],
  examples: ['FAIRWAY_DATA=/srv/fairway fairway restore /backups/fairway.backup && fairway up'],
  fields: ['dataFolder', 'createdAt', 'rows', 'repositories', 'seconds', 'problems'],
  async run({ args, local, options, out }) {
    const [file] = args
    if (file === undefined) throw new PlatformError('USAGE', 'restore takes a file', { hint: 'fairway restore FILE' })
    const report = await local.restore(file, { keyFile: textOf(options['keyFile']) })
    out.result(report, ({ dataFolder, createdAt, rows, repositories, seconds, problems }) =>
      [
        `Restored into ${dataFolder} what was there at ${createdAt}: ${rows} rows, ${repositories} repositories, in ${seconds} s.`,
        ...problems.map((problem) => `problem: ${problem}`),
        'Start it with: fairway up',
      ].join('\n'),
    )
    return 0
  },
})

function textOf(value: OptionValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
