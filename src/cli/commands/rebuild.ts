import type { RebuildReport } from '#model/rebuild.ts'
import { answerFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'

export const rebuild = defineCommand({
  usage: 'rebuild',
  summary: 'Make the index anew from Git and the artefact store; audit log and secrets are not touched',
  examples: ['fairway rebuild --as platform', 'fairway down && fairway rebuild'],
  fields: answerFields['POST /api/v1/rebuild'],
  async run({ api, local, out }) {
    out.note('reading Git; requests meanwhile get the answers of before')
    const report = (await local.rebuild()) ?? (await dataOf((await api()).POST('/api/v1/rebuild', {})))
    out.result(report, (found) => words(found))
    return report.problems.length > 0 ? 1 : 0
  },
})

function words({ seconds, lost, problems, ...counts }: RebuildReport): string {
  const { services, releases, outcomes, runs, changes, entities } = counts
  return [
    `Rebuilt in ${seconds} s: ${services} services, ${releases} releases, ${outcomes} outcomes of deployments, ${runs} runs, ${changes} change requests, ${entities} catalog entities.`,
    ...lost.map(({ what, detail }) => `lost: ${what} (${detail})`),
    ...problems.map((problem) => `problem: ${problem}`),
  ].join('\n')
}
