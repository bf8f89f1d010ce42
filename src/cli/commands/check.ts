import { resolve } from 'node:path'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import type { WorkingTreeProblem, WorkingTreeReport } from '#model/working-tree.ts'
import { answerFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'
import type { Output } from '../output.ts'
import { readWorkingTree } from '../working-tree.ts'

export const check = defineCommand({
  usage: 'check [folder]',
  summary: 'What the gates would say of this folder, before a commit',
  examples: ['fairway check', 'fairway check ~/shop --json=ok,problems'],
  fields: answerFields['POST /api/v1/services/{name}/check'],
  async run({ args, api, out }) {
    const { service, from, files } = await readWorkingTree(resolve(args[0] ?? '.'))
    out.note(`service ${service}, from ${from}`)
    const request = { params: { path: { name: service } }, body: { files: [...files] } }
    const began = performance.now()
    const report = await dataOf((await api()).POST('/api/v1/services/{name}/check', request)).catch(withoutPlatform)
    out.note(`judged in ${Math.round(performance.now() - began)} ms`)
    out.result(
      report as WorkingTreeReport,
      (answer) => reportText(answer, out),
      (answer) => (answer.ok ? 'ok' : 'not ok'),
    )
    return report.ok ? 0 : 1
  },
})

function withoutPlatform(cause: unknown): never {
  if (codeOf(cause) !== 'SERVER_UNREACHABLE') throw cause
  throw new PlatformError(
    'SERVER_UNREACHABLE',
    `${(cause as Error).message}: nothing was judged, since settings, rules and secrets are the platform’s`,
    { cause, hint: 'start it with npm start, or set FAIRWAY_SERVER' },
  )
}

/** The report in words, one row per gate. */
export function reportText(report: WorkingTreeReport, out: Output): string {
  const width = Math.max(5, ...report.environments.map(({ name }) => name.length))
  const row = (ok: boolean, name: string, text: string) =>
    `${ok ? out.green('✓') : out.red('✗')} ${name.padEnd(width)}  ${text}`
  const files = report.problems.length === 0
  return [
    row(
      files,
      'files',
      files ? `valid, packaged as ${report.packaging}, owned by ${report.owner}` : 'no release would come of them',
    ),
    ...report.problems.flatMap(problemLines),
    ...report.environments.flatMap((one) => [
      row(one.ok, one.name, one.ok ? `${one.says}; ${one.approval}` : refusal(one)),
      ...one.findings.flatMap((finding) => [
        `    ${finding.severity} ${finding.policy}: ${finding.message}${finding.at ? ` (${finding.at})` : ''}`,
        `      fix: ${finding.fix}`,
      ]),
      ...one.problems.filter(({ code }) => one.findings.length === 0 || code !== 'POLICY_DENIED').flatMap(problemLines),
    ]),
    ...report.notes.map((note) => out.dim(note)),
  ].join('\n')
}

/** A denial is told by its findings below; anything else is its own sentence. */
function refusal({ says, findings }: WorkingTreeReport['environments'][number]): string {
  const denials = findings.filter(({ severity }) => severity === 'deny').length
  return denials > 0 ? `POLICY_DENIED: ${denials} finding${denials === 1 ? '' : 's'} of the rules` : says
}

function problemLines({ code, file, path, message, hint }: WorkingTreeProblem): string[] {
  const where = [file, path].filter(Boolean).join(' ')
  return [`    ${code}${where ? ` ${where}` : ''}: ${message}`, ...(hint ? [`      fix: ${hint}`] : [])]
}
