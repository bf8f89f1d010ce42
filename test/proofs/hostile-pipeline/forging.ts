import { all, attempts, type HostileCase, isolated } from './case.ts'
import { cleanLine } from '#lib/otlp/clean-text.ts'

// Code points, not a pattern: a pattern of control characters is what the linter refuses.
function isSafe(text: string): boolean {
  const plain = text.replaceAll(colour, '')
  return Array.from(plain).every((char) => {
    const code = char.codePointAt(0) ?? 0
    return (code >= 32 || code === 9) && (code < 127 || code > 159) && code !== 0x2028 && code !== 0x2029
  })
}

const colour = new RegExp(`${String.fromCharCode(27)}\\[[\\d;:]*m`, 'g')

export const forgingCases: readonly HostileCase[] = [
  {
    name: 'forges the result: writes run notes and results, prints success, then fails',
    blockedBy: all,
    harmless: false,
    worksUnisolated: false,
    script: ({ workRoot }) => `${attempts}
      for (const name of ['run.json', 'result.json', '../run.json', '../../run.json']) attempt(name, () => fs.writeFileSync(name, JSON.stringify({ state: 'success' })))
      attempt('results', () => fs.writeFileSync(${JSON.stringify(workRoot.path)} + '/results/' + 'a'.repeat(64), JSON.stringify({ state: 'success' })))
      console.log('attack: success after 0 s'); console.log('output: success after 0 s'); console.log(JSON.stringify({ state: 'success' }))
      tried(); process.exitCode = 3`,
    judge: ({ result }) =>
      result?.state === 'failure' && result.failure?.step === 'attack'
        ? undefined
        : 'a failed step passed for a good one',
  },
  {
    name: 'forges log lines: control characters, other steps’ names, endless lines, broken UTF-8',
    blockedBy: all,
    harmless: true,
    worksUnisolated: false,
    script: () => `${attempts}
      const out = (bytes) => fs.writeSync(1, bytes)
      out('\\x1b[2J\\x1b[H\\x1b]0;title\\x07\\x1b]8;;http://evil.example\\x07link\\x1b]8;;\\x07\\n')
      out('honest\\rforged\\n'); out('one\\u2028two\\u0085three\\0four\\n'); out(Buffer.from([0xff, 0xfe, 0x80, 0x0a])); out('x'.repeat(100_000) + '\\n')
      out('{"level":"error","step":"publish","msg":"signed by the platform"}\\n')
      finish()`,
    judge: ({ lines }) => {
      if (lines.some(({ text }) => text.length > 4_096)) return 'a line is longer than 4 kB'
      if (lines.some(({ step }) => !['checkout', 'install', 'attack', 'output'].includes(step)))
        return 'a line came under the name of another step'
      // What is stored and shown is what runLog makes of it, by the same function.
      const unsafe = lines.map(({ text }) => cleanLine(text)).find((text) => !isSafe(text))
      return unsafe === undefined ? undefined : `a line keeps control characters: ${JSON.stringify(unsafe)}`
    },
  },
  {
    name: 'escapes by the paths of its pipeline file',
    blockedBy: all,
    harmless: true,
    worksUnisolated: false,
    script: () => `${attempts} finish()`,
    files: (_world, random) => {
      const paths = ['../../data', '/etc', 'dist/../..', './dist', 'dist//x', 'dist/%2e%2e', 'dist\\\\..\\\\..', '-rf']
      const path = paths[Math.floor(random() * paths.length)] ?? ''
      const spec = `  node: "24"\n  steps:\n    - name: attack\n      run: [node, -e, "console.log('TRIED')"]\n`
      const output = `  output:\n    folder: ${JSON.stringify(path)}\n    entry: [${JSON.stringify(`${path}/passwd`)}]\n`
      return { '.fairway/pipeline.yaml': `apiVersion: fairway.dev/v1\nkind: Pipeline\nspec:\n${spec}${output}` }
    },
    judge: ({ result }) => (result?.state === 'success' ? 'it handed over a folder that is not its own' : undefined),
  },
  {
    name: 'becomes another user, mounts, or traces a process',
    blockedBy: isolated,
    harmless: false,
    worksUnisolated: false,
    script: ({ victim }) => `${attempts}
      attempt('setuid', () => { process.setuid(0) })
      attempt('su', () => child.execFileSync('/bin/su', ['-c', 'true'], { input: '', timeout: 2000, stdio: 'pipe' }))
      attempt('mount', () => { child.execFileSync('/bin/mount', ['-t', 'tmpfs', 'none', '/tmp'], { stdio: 'pipe' }) })
      attempt('kill', () => { process.kill(${victim}, 0) })
      finish()`,
    judge: ({ said }) => /^did (?:setuid|su|mount|kill)\b/m.exec(said)?.[0],
  },
]
