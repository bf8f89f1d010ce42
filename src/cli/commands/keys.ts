import { defineCommand } from '../command.ts'

export const keysCreate = defineCommand({
  usage: 'keys create <folder>',
  summary: 'Make the keys that every replica must share, for FAIRWAY_KEYS',
  examples: ['fairway keys create ./fairway-keys'],
  fields: ['folder', 'made', 'kept'],
  async run({ args: [folder = ''], local, out }) {
    const keys = await local.createKeys(folder)
    out.result(keys, ({ made, kept }) =>
      [
        made.length > 0 ? `Made in ${keys.folder}: ${made.join(', ')}.` : `Nothing was missing in ${keys.folder}.`,
        ...(kept.length > 0 ? [`Kept as they were: ${kept.join(', ')}.`] : []),
        'Whoever has them can read every secret and sign as the platform. Keep a copy where a restore finds it.',
      ].join('\n'),
    )
    return 0
  },
})
