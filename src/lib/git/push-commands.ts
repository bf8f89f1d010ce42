import type { Readable } from 'node:stream'
import { PlatformError } from '#errors/platform-error.ts'

export interface PushCommand {
  readonly ref: string
  readonly before: string
  readonly after: string
}

export interface PushHead {
  readonly commands: readonly PushCommand[]
  readonly capabilities: readonly string[]
  /** What to give to receive-pack instead of what was read: written anew, so that both parsers agree. */
  readonly canonical: Buffer
  /** Bytes of the pack that were read along. */
  readonly rest: Buffer
}

const zeros = '0'.repeat(40)

export function isDeletion(command: PushCommand): boolean {
  return command.after === zeros
}

export function isCreation(command: PushCommand): boolean {
  return command.before === zeros
}

/** Reads the commands of a push, up to the pack. Anything Git would read in another way than we do is refused. */
export async function readPushHead(body: Readable, maxBytes = 1024 * 1024): Promise<PushHead> {
  const reader = new PacketReader(body, maxBytes)
  const commands: PushCommand[] = []
  const shallow: string[] = []
  let capabilities: string[] = []
  for (let line = await reader.next(); line !== undefined; line = await reader.next()) {
    const found = /^([0-9a-f]{40}) ([0-9a-f]{40}) (refs\/[^\0\n]{1,1000})(?:\0([^\0\n]*))?\n?$/.exec(line)
    if (found) {
      const [, before = '', after = '', ref = '', offered] = found
      if (offered !== undefined && commands.length > 0) throw malformed()
      if (offered !== undefined) capabilities = offered.split(' ').filter((word) => understood.test(word))
      commands.push({ ref, before, after })
    } else if (/^shallow [0-9a-f]{40}\n?$/.test(line) && commands.length === 0) shallow.push(line.trimEnd())
    else throw malformed() // push certificates too: nothing here reads the commands inside one
  }
  if (new Set(commands.map((command) => command.ref)).size !== commands.length) throw malformed()
  await reader.close()
  const lines = commands.map(({ ref, before, after }, index) => {
    const offer = index === 0 ? `\0 ${capabilities.join(' ')}` : ''
    return packet(`${before} ${after} ${ref}${offer}`)
  })
  const canonical = Buffer.concat([...shallow.map((line) => packet(line)), ...lines, flush])
  return { commands, capabilities, canonical, rest: reader.rest() }
}

/** The answer of a push that is refused before Git sees it: a message for the person, a reason for each ref. */
export function refusePush(head: PushHead, message: string): Buffer {
  const report = [
    packet('unpack ok\n'),
    ...head.commands.map(({ ref }) => packet(`ng ${ref} refused by Fairway\n`)),
    flush,
  ]
  if (!head.capabilities.includes('side-band-64k')) return Buffer.concat(report)
  return Buffer.concat([remoteMessage(message), band(1, Buffer.concat(report)), flush])
}

/** Words that the pusher sees after `remote:`. Only for a client that understands side bands. */
export function remoteMessage(text: string): Buffer {
  return band(2, Buffer.from(`${text}\n`))
}

/** The refs that receive-pack says it moved. */
export function movedRefs(reply: Buffer, head: PushHead): PushCommand[] {
  const report = head.capabilities.includes('side-band-64k') ? bandOne(reply) : reply
  const lines = new Set(packets(report).map((line) => line.toString('utf8').trimEnd()))
  return head.commands.filter((command) => lines.has(`ok ${command.ref}`))
}

const understood =
  /^(report-status(-v2)?|side-band-64k|quiet|atomic|ofs-delta|delete-refs|object-format=sha1|agent=[\x21-\x7e]+)$/
const flush = Buffer.from('0000')

function packet(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes])
}

function band(number: 1 | 2, content: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < content.length; at += 60_000)
    parts.push(packet(Buffer.concat([Buffer.from([number]), content.subarray(at, at + 60_000)])))
  return Buffer.concat(parts)
}

function bandOne(reply: Buffer): Buffer {
  return Buffer.concat(
    packets(reply)
      .filter((line) => line[0] === 1)
      .map((line) => line.subarray(1)),
  )
}

function packets(bytes: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = Number.parseInt(bytes.toString('latin1', at, at + 4), 16)
    if (!Number.isInteger(size)) break
    if (size > 4) found.push(bytes.subarray(at + 4, at + size))
    at += Math.max(size, 4)
  }
  return found
}

class PacketReader {
  #held = Buffer.alloc(0)
  #read = 0
  readonly #chunks: AsyncIterator<Buffer>
  readonly #maxBytes: number

  constructor(body: Readable, maxBytes: number) {
    this.#chunks = body.iterator({ destroyOnReturn: false })
    this.#maxBytes = maxBytes
  }

  /** The next line, or undefined at the flush packet. */
  async next(): Promise<string | undefined> {
    const size = (await this.#take(4)).toString('latin1')
    if (size === '0000') return undefined
    const length = /^[0-9a-f]{4}$/.test(size) ? Number.parseInt(size, 16) : 0
    if (length <= 4) throw malformed()
    this.#read += length
    if (this.#read > this.#maxBytes) throw new PlatformError('INPUT_INVALID', 'One push has too many refs.')
    return (await this.#take(length - 4)).toString('utf8')
  }

  /** Lets go of the stream, so that the pack can be piped on. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  rest(): Buffer {
    return this.#held
  }

  async #take(count: number): Promise<Buffer> {
    while (this.#held.length < count) {
      const { value, done } = await this.#chunks.next()
      if (done) throw malformed()
      this.#held = Buffer.concat([this.#held, value])
    }
    const taken = this.#held.subarray(0, count)
    this.#held = this.#held.subarray(count)
    return taken
  }
}

function malformed(): PlatformError {
  return new PlatformError('INPUT_INVALID', 'The push does not follow the protocol that Git clients use.')
}
