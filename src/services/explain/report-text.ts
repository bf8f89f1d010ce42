import { lineDiff } from '#lib/line-diff.ts'
import type { Explanation } from '#model/explanation.ts'
import type { Run } from '#model/run.ts'

/** The explanation as plain text that is whole by itself: for a chat, a ticket or a terminal. */
export function reportText(run: Run, found: Omit<Explanation, 'report'>): string {
  const { cause, evidence, changed, next } = found
  return [
    cause,
    '',
    `Run ${run.id} (${[run.workflow, run.service, run.environment].filter(Boolean).join(' ')}), by ${run.requestedBy}, ${run.startedAt}`,
    '',
    'What shows it',
    ...evidence.map(({ source, text, at }) => `  ${source}${at ? ` ${at}` : ''}: ${text}`),
    '',
    ...(changed ? changedLines(changed) : ['Nothing was healthy there before.']),
    '',
    'What to do',
    ...next.map(({ title, command }) => `  ${title}: ${command}`),
  ].join('\n')
}

function changedLines({ version, at, commits, files, moreFiles }: NonNullable<Explanation['changed']>): string[] {
  return [
    `What changed since ${version}, healthy since ${at}`,
    ...commits.map(({ commit, author, message }) => `  ${commit.slice(0, 12)} ${message} (${author})`),
    ...files.flatMap((file) => [
      `  ${file.path} +${file.additions} -${file.deletions}`,
      ...lineDiff(file.before ?? '', file.after ?? '', mostLines).map((line) => `    ${line}`),
    ]),
    ...(moreFiles > 0 ? [`  and ${moreFiles} more files`] : []),
  ]
}

const mostLines = 12
