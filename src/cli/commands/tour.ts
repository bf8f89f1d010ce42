import type { Run } from '#model/run.ts'
import type { Tour, TourCommit } from '#model/tour.ts'
import { answerFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { actOptions, followRun, idempotencyHeader } from '../act.ts'
import { defineCommand, type Invocation } from '../command.ts'
import { diffText } from '../diff-text.ts'

export const tour = defineCommand({
  usage: 'tour [service]',
  summary: 'The tour of a first service: where it stands, and what comes next',
  examples: ['fairway tour hello', 'fairway tour hello --json'],
  fields: answerFields['GET /api/v1/services/{name}/tour'],
  async run({ args, api, out, serviceOf }) {
    const name = await serviceOf(args[0])
    const found = await dataOf((await api()).GET('/api/v1/services/{name}/tour', { params: { path: { name } } }))
    out.result(found, tourText)
    return 0
  },
})

export const tourBreak = actCommand({
  act: 'break',
  summary: 'Break the readiness of a first service on purpose, by a commit, to see a rollout fail',
  next: (name, { environment }) => `fairway tour ${name}; fairway rollback ${name} --env ${environment} --wait`,
})

export const tourMend = actCommand({
  act: 'mend',
  summary: 'Take the break of the tour back, by a commit',
  next: (name) => `fairway status ${name}`,
})

function actCommand({
  act,
  summary,
  next,
}: {
  act: 'break' | 'mend'
  summary: string
  next: (name: string, run: Run) => string
}) {
  return defineCommand({
    usage: `tour ${act} [service]`,
    summary,
    options: [...actOptions],
    examples: [`fairway tour ${act} hello --dry-run`, `fairway tour ${act} hello --wait`],
    fields: answerFields['POST /api/v1/services/{name}/tour'],
    async run(invocation) {
      const { args, options, out, serviceOf } = invocation
      const name = await serviceOf(args[0])
      const api = await invocation.api()
      const post = (dryRun: boolean) =>
        dataOf(
          api.POST('/api/v1/services/{name}/tour', {
            params: { path: { name } },
            body: { act, dryRun },
            headers: idempotencyHeader(),
          }),
        )
      if (options['dryRun'] === true) {
        const { preview } = (await post(true)) as { preview: TourCommit }
        out.result({ preview }, () => commitText(preview, out))
        return 0
      }
      const { run, commit } = (await post(false)) as { run: Run; commit: string }
      out.note(`commit ${commit.slice(0, 12)} on main of ${name}`)
      const code = await followRun(invocation, api, { run, more: async () => ({ commit }) })
      out.note(`next: ${next(name, run)}`)
      return code
    },
  })
}

function commitText({ repository, branch, title, file }: TourCommit, out: Invocation['out']): string {
  return [`one commit on ${branch} of ${repository}: ${title}`, diffText([file], out)].join('\n')
}

function tourText({ service, environment, stage, says, acts }: Tour): string {
  const lines = acts.map(
    (act) => `next   ${act.command}${act.can ? '' : `   (${act.reason ?? 'not now'})`}\n       ${act.says}`,
  )
  return [`${service} in ${environment}: ${stage}`, says, ...lines].join('\n')
}
