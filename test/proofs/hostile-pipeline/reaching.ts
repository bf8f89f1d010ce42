import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { all, attempts, type HostileCase, isolated } from './case.ts'

export const reachingCases: readonly HostileCase[] = [
  {
    name: 'reaches API, PostgreSQL, agent, the machine’s address or the metadata address',
    blockedBy: ['sandbox'],
    harmless: true,
    worksUnisolated: true,
    script: ({ listeners }) => `${attempts}
      const places = ${JSON.stringify([...listeners.places, { name: 'metadata', host: '169.254.169.254', port: 80 }])}
      let left = places.length
      const done = (socket) => { socket.destroy(); if (--left === 0) finish() }
      for (const { name, host, port } of places) {
        const socket = net.connect({ host, port, timeout: 1500 }, () => { console.log('CONNECTED', name); done(socket) })
        socket.on('error', (error) => { console.log('refused', name, error.code); done(socket) })
        socket.on('timeout', () => { console.log('refused', name, 'timeout'); done(socket) })
      }`,
    judge: ({ said }, { listeners }) => {
      const reached = [...new Set(listeners.reached)]
      listeners.reached.length = 0
      if (said.includes('CONNECTED metadata')) reached.push('metadata')
      return reached.length > 0 ? `it reached ${reached.join(', ')}` : undefined
    },
  },
  {
    name: 'signs: plants a signature, an SBOM and an image in the artefact store',
    blockedBy: isolated,
    harmless: true,
    worksUnisolated: true,
    script: ({ data }) => `${attempts}
      const store = ${JSON.stringify(`${data}/artifacts`)}
      attempt('make', () => fs.mkdirSync(store + '/repositories/team-a/shop/_layout', { recursive: true }))
      attempt('index', () => fs.writeFileSync(store + '/repositories/team-a/shop/_layout/planted', 'x'))
      attempt('key', () => fs.readFileSync(${JSON.stringify(`${data}/image-key`)}, 'utf8'))
      finish()`,
    judge: async ({ said }, { data }) => {
      const planted = join(data, 'artifacts/repositories/team-a/shop/_layout/planted')
      const isThere = await rm(planted).then(
        () => true,
        () => false,
      )
      return isThere || /did key/.test(said) ? 'it wrote into the artefact store, or read the key' : undefined
    },
  },
  {
    name: 'poisons the dependency cache, the tools or results of the platform',
    watchesFiles: true,
    blockedBy: isolated,
    harmless: true,
    worksUnisolated: true,
    script: ({ workRoot, shared }, random) => `${attempts}
      const root = ${JSON.stringify(workRoot.path)}
      attempt('cached', () => fs.writeFileSync(${JSON.stringify(`${shared}/entry/node_modules/dep/index.js`)}, 'poison'))
      attempt('rename', () => fs.renameSync(${JSON.stringify(`${shared}/entry`)}, ${JSON.stringify(`${shared}/gone`)}))
      attempt('mode', () => fs.chmodSync(${JSON.stringify(`${shared}/entry/node_modules/dep/index.js`)}, 0o666))
      for (const name of ['results', 'outputs', 'mirrors', 'tools', 'npm-home', 'dependencies', 'bases'])
        attempt(name, () => fs.writeFileSync(root + '/' + name + '/poison-${Math.floor(random() * 1e9)}', 'poison'))
      finish()`,
    judge: async (_outcome, world, before) =>
      (await world.protectedFiles()) === before && (await poisoned(world.workRoot.path)).length === 0
        ? undefined
        : 'files that only the platform writes were changed',
  },
  {
    name: 'makes the install fetch from the platform’s network or run Git',
    blockedBy: all,
    harmless: true,
    worksUnisolated: false,
    script: () => `${attempts} finish()`,
    files: ({ listeners }, random) => {
      const port = listeners.places[0]?.port ?? 0
      const sources = [
        `http://127.0.0.1:${port}/dep.tgz`,
        `git+http://127.0.0.1:${port}/dep.git`,
        'file:../../../../data/login-key',
        `http://169.254.169.254/latest/meta-data`,
      ]
      const source = sources[Math.floor(random() * sources.length)] ?? ''
      const dependencies = { dep: random() < 0.5 ? source : '1.0.0' }
      const entry = { version: random() < 0.5 ? '1.0.0' : source, resolved: source }
      return {
        'package.json': JSON.stringify({ name: 'shop', dependencies }),
        'package-lock.json': JSON.stringify({
          name: 'shop',
          lockfileVersion: 3,
          requires: true,
          packages: { '': { name: 'shop', dependencies }, 'node_modules/dep': entry },
        }),
        '.npmrc': `registry=http://127.0.0.1:${port}/\nscript-shell=/bin/sh\ngit=/bin/true\n`,
      }
    },
    judge: (_outcome, { listeners }) => {
      const reached = listeners.reached.splice(0)
      return reached.length > 0 ? `the install reached ${reached.join(', ')}` : undefined
    },
  },
]

async function poisoned(root: string): Promise<string[]> {
  const names = await readdir(root, { recursive: true })
  return names.filter((name) => /(^|\/)poison-\d+$/.test(name) && !name.startsWith('runs/'))
}
