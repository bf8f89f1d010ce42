import { createServer, type AddressInfo, type Socket } from 'node:net'

/** A mail that the server took. */
export interface TakenMail {
  readonly from: string
  readonly to: readonly string[]
  /** Headers and body as they came. */
  readonly raw: string
}

/** A mail server on this machine that speaks SMTP in the clear and keeps what it takes; on a free port when none is given. */
export async function mailServer(port = 0) {
  const taken: TakenMail[] = []
  const open = new Set<Socket>()
  let how: 'accept' | 'busy' | 'refuse' | 'hang' = 'accept'
  const server = createServer((socket) => {
    open.add(socket.on('close', () => open.delete(socket)).on('error', () => {}))
    let from = ''
    let to: string[] = []
    let data: string[] | undefined
    let rest = ''
    const say = (line: string) => void socket.write(`${line}\r\n`)
    const command = (line: string) => {
      if (/^EHLO|^HELO/i.test(line)) return say('250 mail.test')
      if (/^MAIL FROM/i.test(line)) {
        if (how === 'hang') return undefined
        if (how === 'busy') return say('451 try again')
        if (how === 'refuse') return say('550 not here')
        from = line.slice(10)
        to = []
      } else if (/^RCPT TO/i.test(line)) to.push(line.slice(8))
      else if (/^DATA/i.test(line)) {
        data = []
        return say('354 go on')
      } else if (/^QUIT/i.test(line)) return void socket.end('221 bye\r\n')
      return say('250 ok')
    }
    say('220 mail.test')
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (!data) command(line)
        else if (line === '.') {
          taken.push({ from, to, raw: data.join('\r\n') })
          data = undefined
          say('250 taken')
        } else data.push(line.replace(/^\./, ''))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    taken,
    answer: (next: typeof how) => void (how = next),
    async stop() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
