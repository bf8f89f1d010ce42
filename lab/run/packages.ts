import { access, rm, writeFile } from 'node:fs/promises'
import { execa } from 'execa'

const policy = '/usr/sbin/policy-rc.d'

/** Installs the Debian packages of `wanted` that are missing, and starts no service of theirs. Throws with apt's last words. */
export async function installPackages(wanted: readonly string[], say: (line: string) => void): Promise<void> {
  const missing = await missingPackages(wanted)
  if (missing.length === 0) return
  if (process.getuid?.() !== 0)
    throw new Error(`missing Debian packages, and no right to install: ${missing.join(' ')}`)
  say(`installing ${missing.join(' ')}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const ours = await access(policy).then(
    () => false,
    () => true,
  )
  // 101 means: a package that is installed starts nothing.
  if (ours) await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await execa('apt-get', ['update', '-qq'], { env })
    await execa('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env })
  } catch (error) {
    throw new Error(`not installed: ${missing.join(' ')}`, { cause: error })
  } finally {
    if (ours) await rm(policy, { force: true })
  }
}

async function missingPackages(wanted: readonly string[]): Promise<readonly string[]> {
  const missing: string[] = []
  for (const name of new Set(wanted)) {
    const { stdout } = await execa('dpkg-query', ['-W', '-f=${Status}', name], { reject: false })
    if (!String(stdout).includes('install ok installed')) missing.push(name)
  }
  return missing
}
