// Completes package-lock.json after `npm install`: an npm registry that keeps only some platforms leaves the packages of
// the others out, and `npm ci` then refuses the file. They are added by name and exact version, so that they are
// skipped here and installed where they belong; their integrity is unknown until someone installs them there.
import { readFileSync, writeFileSync } from 'node:fs'

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const chips = ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']
const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))

for (const owner of Object.values(lock.packages)) {
  for (const [name, range] of Object.entries(owner.optionalDependencies ?? {})) {
    const at = `node_modules/${name}`
    if (Object.keys(lock.packages).some((path) => path === at || path.endsWith(`/${at}`))) continue
    lock.packages[at] = {
      version: range.replace(/^[~^]/, ''),
      ...(owner.dev ? { dev: true } : {}),
      optional: true,
      ...platformOf(name),
    }
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)

function platformOf(name) {
  if (name === 'fsevents') return { os: ['darwin'] }
  const words = name.split(/[-/]/)
  const os = systems.filter((system) => words.includes(system))
  const cpu = chips.filter((chip) => words.includes(chip))
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : []
  if (cpu.length === 0) throw new Error(`${name} is missing from the lock file and its name tells no platform`)
  return { ...(os.length ? { os } : {}), cpu, ...(libc.length && os.includes('linux') ? { libc } : {}) }
}
