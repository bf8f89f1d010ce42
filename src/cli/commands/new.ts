import { PlatformError } from '#errors/platform-error.ts'
import type { Run } from '#model/run.ts'
import { answerFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { actOptions, effectLines, followRun, idempotencyHeader } from '../act.ts'
import { defineCommand } from '../command.ts'

export const newService = defineCommand({
  usage: 'new',
  summary: 'Create a service from a golden path',
  options: [
    { flag: '--template <template>', about: 'golden path, as http-api', required: true },
    { flag: '--name <name>', about: 'name of the service', required: true },
    { flag: '--owner <team>', about: 'team that owns it', required: true },
    { flag: '--set <key=value...>', about: 'an answer of the golden path; repeatable' },
    ...actOptions,
  ],
  examples: [
    'fairway new --template http-api --name shop --owner team-a --wait',
    'fairway new --template http-api --name shop --owner team-a --set description="Sells things" --dry-run',
  ],
  fields: [...answerFields['POST /api/v1/services'], 'service'],
  async run(invocation) {
    const { options, out } = invocation
    const api = await invocation.api()
    const body = {
      template: String(options['template']),
      name: String(options['name']),
      owner: String(options['owner']),
      values: answersFrom(options['set']),
    }
    if (options['dryRun'] === true) {
      const { preview } = (await dataOf(api.POST('/api/v1/services', { body: { ...body, dryRun: true } }))) as {
        preview: Preview
      }
      out.result({ preview }, () => previewText(preview))
      return preview.verdicts.every((verdict) => verdict.allowed) ? 0 : 3
    }
    const { run } = (await dataOf(
      api.POST('/api/v1/services', { body: { ...body, dryRun: false }, headers: idempotencyHeader() }),
    )) as { run: Run }
    const service = async () => ({
      service: await dataOf(api.GET('/api/v1/services/{name}/status', { params: { path: { name: body.name } } })).catch(
        () => undefined,
      ),
    })
    const code = await followRun(invocation, api, { run, more: service })
    if (code === 0 && options['wait'] === true)
      out.note(`next: fairway clone ${body.name}; fairway logs ${body.name} --env dev -f; fairway open ${body.name}`)
    return code
  },
})

interface Preview {
  readonly files: readonly { path: string }[]
  readonly manifests: readonly { path: string }[]
  readonly verdicts: readonly {
    allowed: boolean
    findings: readonly { policy: string; message: string; fix: string }[]
  }[]
  readonly effects: readonly { title: string; effect: string }[]
  readonly tree: string
}

function previewText(preview: Preview): string {
  const findings = preview.verdicts.flatMap((verdict) => verdict.findings)
  return [
    `${preview.files.length} files, tree ${preview.tree.slice(0, 12)}:`,
    ...preview.files.map((file) => `  ${file.path}`),
    `manifests:`,
    ...preview.manifests.map((file) => `  ${file.path}`),
    findings.length === 0 ? 'rules: all allow it' : 'rules:',
    ...findings.map((finding) => `  ${finding.policy}: ${finding.message}\n    fix: ${finding.fix}`),
    'a run would:',
    effectLines(preview.effects),
  ].join('\n')
}

function answersFrom(given: unknown): Record<string, string> {
  const pairs = Array.isArray(given) ? given.map(String) : []
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new PlatformError('USAGE', `--set takes key=value, not ${pair}`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}
