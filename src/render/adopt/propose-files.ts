import { posix } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { type Fact, type Given, guessFacts, type PackageJson } from './guess-facts.ts'
import { writeYaml } from '../yaml/write-yaml.ts'
import type { RepositoryReader } from './repository-reader.ts'

export interface Proposal {
  readonly service: string
  readonly owner: string
  readonly facts: readonly Fact[]
  /** Files that are not there yet. */
  readonly files: readonly { readonly path: string; readonly content: string }[]
  /** Files that are there and stay as they are. */
  readonly kept: readonly string[]
  /** Brings its own manifests: no score.yaml is proposed beside them. */
  readonly isPackaged: boolean
}

/** Everything but what no image needs, nor a file of somebody's own secrets, since a pipeline hands over a folder and never the repository itself. */
const copyAll =
  "const fs=require('node:fs');fs.mkdirSync('dist',{recursive:true});for(const f of fs.readdirSync('.'))if(!['dist','.git','.fairway'].includes(f))fs.cpSync(f,'dist/'+f,{recursive:true,filter:s=>!/(^|[/])([.]env[^/]*|node_modules[/][.]bin)$/.test(s)})"

/** The files that a folder or repository lacks to be a service, each fact with its evidence. Writes nothing. */
export async function proposeFiles(reader: RepositoryReader, folderName: string, given: Given): Promise<Proposal> {
  const manifest = packageJsonOf(await reader.text('package.json'))
  const facts = await guessFacts({ reader, folderName, manifest }, given)
  const value = (fact: Fact['fact']) => facts.find((each) => each.fact === fact)?.value ?? ''
  const [service, owner, entry] = [value('name'), value('owner'), value('entry')]
  const isPackaged = (await reader.has('helm')) || (await reader.has('kustomize'))
  const wanted = [
    { path: 'catalog-info.yaml', content: writeYaml(catalogInfo(service, owner)) },
    ...(isPackaged
      ? []
      : [{ path: 'score.yaml', content: writeYaml(score(service, Number(value('port')), value('health'))) }]),
    {
      path: '.fairway/pipeline.yaml',
      content: writeYaml(pipeline(manifest, entry, await reader.has('package-lock.json'))),
    },
  ]
  const there = await Promise.all(wanted.map(({ path }) => reader.has(path)))
  return {
    service,
    owner,
    facts,
    files: wanted.filter((_, index) => !there[index]),
    kept: wanted.filter((_, index) => there[index]).map(({ path }) => path),
    isPackaged,
  }
}

function packageJsonOf(text: string | undefined): PackageJson {
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as PackageJson) : {}
  } catch (cause) {
    throw new PlatformError('USAGE', 'package.json is no JSON', { cause, hint: 'mend it first' })
  }
}

function catalogInfo(name: string, owner: string) {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name },
    spec: { type: 'service', lifecycle: 'production', owner: `group:${owner}` },
  }
}

function score(name: string, port: number, path: string) {
  const probe = { httpGet: { path, port } }
  return {
    apiVersion: 'score.dev/v1b1',
    metadata: { name },
    service: { ports: { www: { port: 80, targetPort: port } } },
    containers: {
      app: {
        image: '.',
        variables: { PORT: String(port) },
        livenessProbe: probe,
        readinessProbe: probe,
        resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
      },
    },
  }
}

function pipeline({ scripts }: PackageJson, entry: string, hasLockfile: boolean) {
  const scripted = ['test', 'build'].filter((name) => typeof scripts?.[name] === 'string')
  const built = /^(dist|build|out)\//.exec(entry)?.[1]
  const own = scripted.map((name) => ({ name, run: ['npm', 'run', name] }))
  return {
    apiVersion: 'fairway.dev/v1',
    kind: 'Pipeline',
    spec: {
      node: '24',
      ...(hasLockfile && { install: { lockfile: 'package-lock.json' } }),
      steps: built && own.length > 0 ? own : [...own, { name: 'collect', run: ['node', '-e', copyAll] }],
      output: built ? { folder: built, entry: [posix.relative(built, entry)] } : { folder: 'dist', entry: [entry] },
    },
  }
}
