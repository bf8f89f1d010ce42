import { constants } from 'node:fs'
import { lstat, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import type { WorkingTreeReport } from '#model/working-tree.ts'
import { dataOf } from '../../client/client.ts'
import type { Given } from '../adopt/guess-facts.ts'
import { type Proposal, proposeFiles } from '../adopt/propose-files.ts'
import { type RepositoryReader, repositoryReader } from '../adopt/repository-reader.ts'
import { defineCommand, type Invocation } from '../command.ts'
import type { Output } from '../output.ts'
import { reportText } from './check.ts'

export const adopt = defineCommand({
  usage: 'adopt [folder]',
  summary: 'Propose the files that a checked-out repository lacks to be a service',
  options: [
    { flag: '--name <name>', about: 'the service’s name, instead of package.json’s or the folder’s' },
    { flag: '--owner <team>', about: 'the team, instead of the one that CODEOWNERS names for *' },
    { flag: '--entry <file>', about: 'the file that Node.js starts' },
    { flag: '--port <number>', about: 'the port it listens on' },
    { flag: '--health <path>', about: 'the path that answers 200 when it works' },
    { flag: '--write', about: 'write the files into the folder; what is there stays' },
  ],
  examples: ['fairway adopt ~/old-shop --owner team-a', 'fairway adopt --owner team-a --health /healthz --write'],
  fields: ['service', 'owner', 'facts', 'files', 'kept', 'written', 'report'],
  async run({ args, options, api, out }) {
    const folder = resolve(args[0] ?? '.')
    if (!(await lstat(folder).catch(() => undefined))?.isDirectory())
      throw new PlatformError('USAGE', `${folder} is no folder`, { hint: 'clone the repository and name its folder' })
    const reader = await repositoryReader(folder)
    const proposal = await proposeFiles(reader, folder, givenBy(options))
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
    ...(!written && files.length > 0 ? ['', out.dim('nothing was written; add --write')] : []),
  ].join('\n')
}
