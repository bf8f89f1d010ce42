// What must be in place before a command runs. Each step says whether it is due, and may be cut short and run again.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { cache, digestOf, failure, lockFile, root, say, stampOf } from './checkout.mjs'
import { child, runNpm } from './child.mjs'
import { isPinned, nodeBinary, nodeFolder, npmCli, packageOfNode, pins, pinText } from './pinned.mjs'

// The running Node serves on systems for which npm has no package of the pinned one.
export const pinnedNode = {
  due: () => nodeBinary() === undefined,
  async run() {
    const folder = nodeFolder()
    if (!isPinned(folder)) {
      say(`installing Node ${pins().node} and npm ${pins().npm}`)
      mkdirSync(folder, { recursive: true })
      for (const file of ['package.json', 'package-lock.json'])
        copyFileSync(join(root, 'tools/node', file), join(folder, file))
      await runNpm(['npm'], ['ci', '--ignore-scripts'], folder)
    }
    if (!isPinned(folder)) throw failure(1, `npm installed another Node than ${pins().node} into ${folder}`)
    const link = join(folder, 'node')
    rmSync(link, { force: true })
    symlinkSync(join('node_modules', packageOfNode(), 'bin/node'), link)
    writeFileSync(join(folder, 'ready'), pinText())
  },
}

export const packages = {
  due: () => stampOf('node_modules') !== digestOf([lockFile]),
  async run() {
    say('installing packages')
    const digest = digestOf([lockFile])
    await runNpm([nodeBinary(), npmCli()], ['ci'], root)
    mkdirSync(join(root, 'node_modules'), { recursive: true })
    writeFileSync(join(root, 'node_modules/.fairway-stamp'), digest)
  },
}

export const portal = {
  due: () => existsSync(join(root, 'portal/index.html')) && stampOf('portal/dist') !== digestOf(portalSources()),
  async run() {
    say('building the portal')
    const digest = digestOf(portalSources())
    const fresh = join(cache, 'portal-next')
    const vite = ['portal/', ''].map((at) => join(root, at, 'node_modules/vite/bin/vite.js')).find(existsSync)
    const argv = [nodeBinary(), vite, 'build', '--outDir', fresh, '--emptyOutDir']
    await child(argv, { cwd: join(root, 'portal'), what: 'building the portal' })
    writeFileSync(join(fresh, '.fairway-stamp'), digest)
    // Built aside and swapped, so that a platform that runs never serves half a portal.
    rmSync(join(cache, 'portal-old'), { recursive: true, force: true })
    if (existsSync(join(root, 'portal/dist'))) renameSync(join(root, 'portal/dist'), join(cache, 'portal-old'))
    renameSync(fresh, join(root, 'portal/dist'))
    rmSync(join(cache, 'portal-old'), { recursive: true, force: true })
  },
}

// ./fairway compares times, and a checkout of the same lock file gives it a newer one.
export function keepShortWayOpen() {
  const stamp = join(root, 'node_modules/.fairway-stamp')
  if (statSync(lockFile).mtimeMs > statSync(stamp).mtimeMs) utimesSync(stamp, new Date(), new Date())
}

function portalSources() {
  const folders = ['portal', 'src/model', 'src/client', 'src/errors'].map((folder) => join(root, folder))
  return [...folders.filter(existsSync).flatMap(filesIn), lockFile]
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !['node_modules', 'dist'].includes(name) && !name.endsWith('.test.ts'))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort((one, other) => (one < other ? -1 : 1))
}
