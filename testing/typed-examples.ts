import { execFile } from 'node:child_process'
import type { TestPlatform } from './start-platform.ts'

/** One example of a page of documentation. */
export interface Example {
  /** The heading that it stands under. */
  readonly heading: string
  readonly lines: readonly string[]
}

/** The examples of a page that are meant to be typed, in their order. */
export function examplesOf(text: string): readonly Example[] {
  return text.split(/^##? /m).flatMap((section) => {
    const heading = section.split('\n')[0] ?? ''
    return [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, example = '']) => ({
      heading,
      lines: example.trim().split('\n'),
    }))
  })
}

/**
 * Types an example in `folder` as a person would who runs `npm start` on the usual ports. Ends with 0 when each line ended
 * as the page says: with 0, or with `# exit N`; what follows is stopped after some seconds, as by Ctrl-C.
 */
export function typed(
  platform: TestPlatform,
  { folder, lines }: { folder: string; lines: readonly string[] },
): Promise<{ exit: number; words: string }> {
  const script = lines.map(checked).join('\n')
  const own = script.replaceAll(':7080', `:${platform.gatewayPort}`).replaceAll(':7007', `:${platform.port}`)
  const env = { ...platform.env, GIT_TERMINAL_PROMPT: '0' }
  return new Promise((resolve) => {
    execFile('bash', ['-c', own], { cwd: folder, env, timeout: 240_000 }, (error, stdout, stderr) => {
      resolve({ exit: error === null ? 0 : Number(error.code ?? 1), words: `${stdout}\n${stderr}` })
    })
  })
}

function checked(line: string): string {
  const [, command = line, code = '0'] = /^(.*?)\s*# exit (\d+)$/.exec(line) ?? []
  const said = `echo ${JSON.stringify(`$ ${command.replaceAll(/[$`"\\]/g, '')}`)}`
  if (command.endsWith(' -f')) return `${said}\ntimeout --signal INT 5 ${command}\n[ $? = 124 ] || exit 99`
  return `${said}\n${command}\n[ $? = ${code} ] || exit 99`
}
