import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { runCli } from '#cli/run-cli.ts'
import { chooseDataFolder } from './data-folder.ts'
import { explainSetting } from './explain-setting.ts'
import { productVersion } from './version.ts'

const checkout = join(import.meta.dirname, '../..')
const { env } = process
const data = chooseDataFolder().path

// `fairway logs shop | head`: whoever read us has seen enough
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  env,
  server: explainSetting('server').value,
  version: productVersion,
  local: {
    setting: explainSetting,
    verifyExport: async (file, own) => (await import('./verify-export.ts')).verifyExport(file, own),
    program: join(checkout, 'fairway'),
    loginKey: () =>
      readFile(join(data, 'login-key'), 'utf8').then(
        (text) => text.trim(),
        () => undefined,
      ),
    async rebuild() {
      const { readInstance } = await import('./instance-lock.ts')
      return readInstance(data) ? undefined : (await import('./rebuild.ts')).rebuildStopped(data)
    },
    backup: async (asked) => (await import('./backup/backup-and-restore.ts')).backup({ dataFolder: data, ...asked }),
    restore: async (file, asked) =>
      (await import('./backup/backup-and-restore.ts')).restore(file, { dataFolder: data, ...asked }),
    down: async () => (await import('./stop.ts')).stopPlatform(data),
    async up(argv) {
      const child = spawn(process.execPath, [join(checkout, 'tools/boot.mjs'), 'start', ...argv], { stdio: 'inherit' })
      const [code] = (await once(child, 'exit')) as [number | null]
      return code ?? 1
    },
    moveGitHost: async (file, dryRun) =>
      (await import('./move-git-host.ts')).moveGitHost({ dataFolder: data, file, dryRun }),
    async createKeys(asked) {
      const { createKeys, sharedKeys } = await import('./secrets-file.ts')
      const folder = resolve(asked)
      const made = await createKeys(folder)
      return { folder, made, kept: sharedKeys.filter((name) => !made.includes(name)) }
    },
    async live() {
      const { readInstance } = await import('./instance-lock.ts')
      return readInstance(data) ? undefined : (await import('./live-checks.ts')).liveChecksOfStart()
    },
    develop: async (wanted, hears) => (await import('./develop/develop.ts')).develop(wanted, hears),
    doctor: async () => (await import('./doctor.ts')).readDoctor(),
  },
})
