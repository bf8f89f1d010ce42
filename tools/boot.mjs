// Every command of this checkout begins here: it puts the pinned Node, the packages and the portal in place, then runs
// the command under that Node. Plain JavaScript without dependencies, because it runs on whatever Node is there.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { cache, failure, root, say } from './boot/checkout.mjs'
import { ended, environment } from './boot/child.mjs'
import { acquireLock } from './boot/lock.mjs'
import { nodeBinary } from './boot/pinned.mjs'
import { keepShortWayOpen, packages, pinnedNode, portal } from './boot/steps.mjs'

const commands = {
  // The control plane waits for others most of the time, and memory counts more than speed: a small young generation,
  // and few malloc arenas, which glibc would otherwise make and keep for every thread.
  start: {
    argv: ['src/main/start.ts'],
    flags: ['--max-semi-space-size=4'],
    env: { MALLOC_ARENA_MAX: '2' },
    portal: true,
  },
  dev: { argv: ['tools/dev.ts'], portal: true },
  setup: { argv: [], portal: true },
  test: { argv: ['tools/test.ts'], portal: true },
  journeys: { argv: ['tools/test.ts', 'test/journeys'], portal: true },
  prove: { argv: ['tools/prove.ts'], portal: true },
  bench: { argv: ['tools/bench.ts'], portal: true },
  lab: { argv: ['lab/lab.ts'] },
  image: { argv: ['deploy/image/main.ts'], portal: true },
  pictures: { argv: ['tools/pictures.ts'], portal: true },
  check: { argv: ['tools/check.ts'] },
  generate: { argv: ['tools/generate.ts'] },
  format: { argv: ['node_modules/@biomejs/biome/bin/biome', 'format', '--write', '.'] },
  cli: { argv: ['src/main/cli.ts'], keepsFolder: true },
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = error.exit ?? 1
})

async function main() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw failure(2, `NODE_TOO_OLD: Fairway starts with Node 20 or newer; this is ${process.version}`)
  }
  const [name, ...rest] = process.argv.slice(2)
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined
  if (!command) throw failure(2, `USAGE: node tools/boot.mjs ${Object.keys(commands).join('|')} [arguments]`)
  const steps = [pinnedNode, packages, ...(command.portal ? [portal] : [])]
  if (steps.some((step) => step.due())) {
    await locked(async () => {
      for (const step of steps) if (step.due()) await step.run()
    })
  }
  keepShortWayOpen()
  if (command.portal && !existsSync(join(root, 'portal/index.html'))) say('this checkout has no portal')
  if (name === 'setup') return say('ready')
  await become(command, rest)
}

async function locked(work) {
  mkdirSync(cache, { recursive: true })
  const release = await acquireLock(join(cache, 'boot.lock'), (pid) =>
    say(`waiting for process ${pid}, which is setting up`),
  )
  process.once('exit', release)
  try {
    await work()
  } finally {
    release()
  }
}

async function become({ argv, flags = [], env = {}, keepsFolder }, rest) {
  const [file, ...first] = argv
  const running = spawn(nodeBinary(), [...flags, join(root, file), ...first, ...rest], {
    cwd: keepsFolder ? process.cwd() : root,
    env: { ...environment(), ...env },
    stdio: 'inherit',
  })
  // In a terminal Ctrl-C reaches the child by itself; a second one from us would look like impatience.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY) || running.kill(signal))
  }
  const { code, signal } = await ended(running)
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
}
