import { all, attempts, type HostileCase, isolated } from './case.ts'
import { canary } from './world.ts'

/** Raw, base64 at each alignment, hex and percent-encoded: a secret in any of them is a secret read. */
function isIn(text: string): boolean {
  const bytes = Buffer.from(canary)
  const base64 = [0, 1, 2].map((pad) =>
    Buffer.concat([Buffer.alloc(pad), bytes])
      .toString('base64')
      .slice(4, -4),
  )
  return [canary, bytes.toString('hex'), ...base64].some((form) => text.includes(form))
}

const leaks: HostileCase['judge'] = ({ said }) => (isIn(said) ? 'a secret of the platform was printed' : undefined)

/** Pick one encoding, so that a filter on the plain text would not be what blocks it. */
const encodings = ['utf8', 'base64', 'hex'] as const

export const readingCases: readonly HostileCase[] = [
  {
    name: 'reads keys and files of FAIRWAY_DATA',
    blockedBy: isolated,
    harmless: true,
    worksUnisolated: true,
    script: ({ data }, random) => `${attempts}
      const how = ${JSON.stringify(encodings[Math.floor(random() * 3)])}
      for (const name of ['login-key', 'image-key', 'audit-key', 'agent-git-key', 'otlp-secret', 'agent-source.json', 'agent.json'])
        attempt(name, () => fs.readFileSync(${JSON.stringify(data)} + '/' + name).toString(how))
      attempt('list', () => fs.readdirSync(${JSON.stringify(data)}).join())
      attempt('copy', () => fs.cpSync(${JSON.stringify(data)} + '/login-key', 'copied'))
      attempt('copied', () => fs.readFileSync('copied').toString(how))
      attempt('link', () => fs.linkSync(${JSON.stringify(data)} + '/login-key', 'linked'))
      attempt('linked', () => fs.readFileSync('linked').toString(how))
      finish()`,
    judge: leaks,
  },
  {
    name: 'reads the folder of another run',
    blockedBy: isolated,
    harmless: true,
    worksUnisolated: true,
    script: ({ other, workRoot }) => `${attempts}
      attempt('secret', () => fs.readFileSync(${JSON.stringify(other)} + '/secret', 'utf8'))
      attempt('runs', () => fs.readdirSync(${JSON.stringify(workRoot.path)} + '/runs').join())
      attempt('up', () => fs.readFileSync('../../another-build/src/secret', 'utf8'))
      finish()`,
    judge: leaks,
  },
  {
    name: 'reads environment, arguments, files and memory of the platform’s processes',
    blockedBy: ['sandbox'],
    harmless: true,
    worksUnisolated: true,
    script: ({ victim }) => `${attempts}
      for (const pid of [${victim}, ...fs.readdirSync('/proc').filter(Number)]) for (const name of ['environ', 'cmdline'])
        attempt(pid + '/' + name, () => fs.readFileSync('/proc/' + pid + '/' + name))
      attempt('root', () => fs.readFileSync('/proc/${victim}/cwd/package.json') && 'read')
      attempt('mem', () => fs.openSync('/proc/${victim}/mem', 'r'))
      finish()`,
    judge: ({ said }) => {
      if (/CANARY-7f3a91-env|did mem/.test(said)) return 'environment or memory of another process was read'
      return isIn(said) ? 'arguments of another process were read' : undefined
    },
  },
  {
    name: 'finds a credential in its own environment, home or Git data',
    blockedBy: all,
    harmless: true,
    worksUnisolated: false,
    script: () => `${attempts}
      attempt('env', () => JSON.stringify(process.env))
      for (const name of ['.netrc', '.npmrc', '.git-credentials', '.ssh/id_ed25519', '.config/git/credentials'])
        attempt(name, () => fs.readFileSync(process.env.HOME + '/' + name))
      attempt('config', () => fs.readFileSync('.git/config'))
      attempt('credential', () => child.execFileSync('git', ['credential', 'fill'], { input: 'protocol=http\\nhost=127.0.0.1\\n\\n', env: { ...process.env, GIT_TERMINAL_PROMPT: '0' } }))
      finish()`,
    judge: ({ said }) =>
      isIn(said) || /platform-canary-password|FAIRWAY_|DATABASE_URL|_authToken/.test(said)
        ? 'it found a credential'
        : undefined,
  },
]
