import { execFile } from 'node:child_process'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Toolchain } from '#lib/work-root.ts'

const run = promisify(execFile)

/** How this machine reaches its package registry. Only the install sees it; the repository's commands never do. */
export interface NpmSettings {
  /** Writes the settings into a folder of the install and gives the environment that uses them. */
  writeTo(folder: string): Promise<Record<string, string>>
}

/** The operator's own npm settings, by allow-list. A repository's .npmrc cannot name a registry or a token. */
export function npmSettings(tools: Toolchain): NpmSettings {
  let known: Promise<Known> | undefined
  return {
    async writeTo(folder) {
      known ??= readSettings(tools)
      known.catch(() => {
        known = undefined
      })
      const { lines, certificates } = await known
      const own = join(folder, '.operator-npmrc')
      const copies = await copyCertificates(folder, certificates)
      await writeFile(own, [...lines, ...copies.lines].join('\n'), { mode: 0o600 })
      return {
        npm_config_userconfig: own,
        npm_config_globalconfig: join(folder, '.no-npmrc'),
        ...networkVariables(),
        ...copies.env,
      }
    },
  }
}

/** What a repository may set for its own install: how packages are laid out, never where they come from. */
export function safeProjectNpmrc(text: string): string {
  const safe =
    /^(legacy-peer-deps|strict-peer-deps|install-strategy|omit|include|engine-strict|prefer-dedupe)\s*=\s*[a-z-]+$/
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => safe.test(line))
    .join('\n')
}

interface Known {
  readonly lines: readonly string[]
  readonly certificates: Readonly<Record<string, string>>
}

async function readSettings(tools: Toolchain): Promise<Known> {
  const { stdout } = await run(tools.node, [tools.npmCli, 'config', 'list', '--json'], { cwd: '/', timeout: 30_000 })
  const all = JSON.parse(stdout) as Record<string, unknown>
  const plain = Object.entries(all).filter(([key]) =>
    /^(registry|proxy|https-proxy|noproxy|strict-ssl|@[\w.-]+:registry)$/.test(key),
  )
  const lines = plain.flatMap(([key, value]) =>
    value === null || value === ''
      ? []
      : [`${key}=${Array.isArray(value) ? value.join(',') : String(value as string | boolean)}`],
  )
  const user = typeof all['userconfig'] === 'string' ? await readFile(all['userconfig'], 'utf8').catch(() => '') : ''
  const certificates = {
    ...fileVariable('NODE_EXTRA_CA_CERTS'),
    ...(typeof all['cafile'] === 'string' ? { cafile: all['cafile'] } : {}),
  }
  return { lines: [...lines, ...credentialLines(user)], certificates }
}

// `npm config list` hides credentials, so their lines are taken from the operator's file, with ${VARIABLES} filled in.
function credentialLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^\/\/[^\s=]+:(_authToken|_auth|username|_password|email)\s*=/.test(line))
    .map((line) => line.replace(/\$\{(\w+)\}/g, (_all, name: string) => process.env[name] ?? ''))
}

function fileVariable(name: string): Record<string, string> {
  const value = process.env[name]
  return value ? { [name]: value } : {}
}

function networkVariables(): Record<string, string> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']
  return Object.assign({}, ...names.map(fileVariable))
}

// Copied, because the child's user may not reach the operator's file.
async function copyCertificates(folder: string, certificates: Readonly<Record<string, string>>) {
  const env: Record<string, string> = {}
  const lines: string[] = []
  for (const [name, from] of Object.entries(certificates)) {
    const to = join(folder, `.${name}.pem`)
    if (
      !(await copyFile(from, to).then(
        () => true,
        () => false,
      ))
    )
      continue
    if (name === 'cafile') lines.push(`cafile=${to}`)
    else env[name] = to
  }
  return { env, lines }
}
