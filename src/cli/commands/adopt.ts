import { constants } from 'node:fs'
import { lstat, mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import type { WorkingTreeReport } from '#model/working-tree.ts'
import type { Run } from '#model/run.ts'
import { dataOf } from '../../client/client.ts'
import { actOptions, effectLines, followRun, idempotencyHeader } from '../act.ts'
import type { Given } from '#render/adopt/guess-facts.ts'
import type { Proposal } from '#render/adopt/propose-files.ts'
import type { RepositoryReader } from '#render/adopt/repository-reader.ts'
import { repositoryReader } from '../adopt/repository-reader.ts'
import { defineCommand, type Invocation } from '../command.ts'
import type { Output } from '../output.ts'
import { reportText } from './check.ts'

export const adopt = defineCommand({
  usage: 'adopt [repository]',
  summary: 'Propose the files that a repository lacks to be a service: team/name at the Git host, or a folder',
  options: [
    { flag: '--name <name>', about: 'of a folder: the service’s name, instead of package.json’s or the folder’s' },
    { flag: '--owner <team>', about: 'of a folder: the team, instead of the one that CODEOWNERS names for *' },
    { flag: '--entry <file>', about: 'the file that Node.js starts' },
    { flag: '--port <number>', about: 'the port it listens on' },
    { flag: '--health <path>', about: 'the path that answers 200 when it works' },
    { flag: '--write', about: 'of a folder: write the files into it; what is there stays' },
    ...actOptions,
  ],
  examples: [
    'fairway adopt team-a/old-shop --dry-run',
    'fairway adopt team-a/old-shop --health /healthz --wait',
    'fairway adopt ~/old-shop --owner team-a --write',
  ],
  fields: ['run', 'preview', 'service', 'owner', 'facts', 'files', 'kept', 'written', 'report'],
  async run(invocation) {
    const { args, options, api, out } = invocation
    const folder = resolve(args[0] ?? '.')
    const repository = await repositoryIn(args[0])
    if (repository) return adoptRepository(invocation, repository)
    if (!(await lstat(folder).catch(() => undefined))?.isDirectory())
      throw new PlatformError('USAGE', `${folder} is no folder`, { hint: 'clone the repository and name its folder' })
    const reader = await repositoryReader(folder)
    const { proposeFiles } = await import('#render/adopt/propose-files.ts')
    const proposal = await proposeFiles(reader, basename(folder), givenBy(options))
    const report = await judged(proposal, reader, { api, out })
    if (options['write'] === true) await writeAll(folder, proposal.files)
    out.result(
      { ...proposal, written: options['write'] === true, ...(report && { report }) },
      (told) => proposalText(told, out),
      ({ files }) => files.map(({ path }) => path).join('\n'),
    )
    return 0
  },
})

/** `team/name` where no folder is called so: what lies there is meant before what lies elsewhere. */
async function repositoryIn(word: string | undefined): Promise<{ owner: string; name: string } | undefined> {
  const [, owner, name] = /^([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(word ?? '') ?? []
  if (!owner || !name || (await lstat(resolve(word ?? '')).catch(() => undefined))) return undefined
  return { owner, name }
}

async function adoptRepository(invocation: Invocation, repository: { owner: string; name: string }): Promise<number> {
  const { options, out } = invocation
  for (const flag of ['name', 'owner', 'write'])
    if (options[flag] !== undefined)
      throw new PlatformError('USAGE', `--${flag} is for a folder: a repository has its name and its team`)
  const api = await invocation.api()
  const { entry, port, health } = givenBy(options)
  const body = { repository, ...(entry && { entry }), ...(port && { port }), ...(health && { health }) }
  if (options['dryRun'] === true) {
    const { preview } = (await dataOf(api.POST('/api/v1/adoptions', { body: { ...body, dryRun: true } }))) as {
      preview: Omit<Told, 'written' | 'isPackaged'> & { effects: readonly { title: string; effect: string }[] }
    }
    const told = { ...preview, written: false, isPackaged: preview.report === undefined }
    out.result({ preview }, () => `${proposalText(told, out)}\n\na run would:\n${effectLines(preview.effects)}`)
    return 0
  }
  const headers = idempotencyHeader()
  const { run } = (await dataOf(api.POST('/api/v1/adoptions', { body: { ...body, dryRun: false }, headers }))) as {
    run: Run
  }
  const code = await followRun(invocation, api, { run })
  if (code === 0 && options['wait'] === true)
    out.note(
      `next: fairway change list; with its merge ${repository.name} is on the path (at once where nothing was missing)`,
    )
  return code
}

function givenBy(options: Invocation['options']): Given {
  const names = ['name', 'owner', 'entry', 'port', 'health'] as const
  return Object.fromEntries(names.flatMap((name) => (typeof options[name] === 'string' ? [[name, options[name]]] : [])))
}

/** What the gates say of the folder with the proposed files in it; undefined when nothing could be judged. */
async function judged(
  proposal: Proposal,
  reader: RepositoryReader,
  { api, out }: Pick<Invocation, 'api' | 'out'>,
): Promise<WorkingTreeReport | undefined> {
  if (proposal.isPackaged) {
    out.note('helm/ or kustomize/ is judged when the files are there: fairway check')
    return undefined
  }
  const own = await Promise.all(proposal.kept.map(async (path) => ({ path, content: (await reader.text(path)) ?? '' })))
  const files = [...own, ...proposal.files]
  try {
    const request = { params: { path: { name: proposal.service } }, body: { files } }
    return (await dataOf((await api()).POST('/api/v1/services/{name}/check', request))) as WorkingTreeReport
  } catch (error) {
    if (!['SERVER_UNREACHABLE', 'NOT_SIGNED_IN', 'NOT_ALLOWED'].includes(String(codeOf(error)))) throw error
    out.note(`not judged by the rules: ${(error as Error).message}`)
    return undefined
  }
}

/** Only new files, never through a link: the folder is somebody else’s. */
async function writeAll(folder: string, files: Proposal['files']): Promise<void> {
  for (const { path, content } of files) {
    const parent = dirname(join(folder, path))
    await mkdir(parent, { recursive: true })
    if ((await lstat(parent)).isSymbolicLink() && parent !== folder)
      throw new PlatformError('USAGE', `${dirname(path)} is a link; nothing is written through it`)
    const flag = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    await writeFile(join(folder, path), content, { flag })
  }
}

interface Told extends Proposal {
  readonly written: boolean
  readonly report?: WorkingTreeReport
}

function proposalText({ files, facts, kept, written, report }: Told, out: Output): string {
  return [
    ...facts.map(
      ({ fact, value, evidence, isGuess }) =>
        `${fact.padEnd(7)} ${value}  ${out.dim(`${isGuess ? 'guessed, ' : ''}${evidence}`)}`,
    ),
    ...kept.map((path) => out.dim(`${path} is there and stays as it is`)),
    ...files.flatMap(({ path, content }) => [
      '',
      out.bold(`${written ? 'written' : 'new'}: ${path}`),
      content.trimEnd(),
    ]),
    ...(files.length === 0 ? ['nothing is missing'] : []),
    ...(report ? ['', reportText(report, out)] : []),
    ...(!written && files.length > 0 ? ['', out.dim('nothing was written')] : []),
  ].join('\n')
}
