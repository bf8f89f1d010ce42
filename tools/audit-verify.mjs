// Checks an export of the audit log:
//   node tools/audit-verify.mjs EXPORT [--key KEY.pem]... [--heads HEADS.jsonl]...
// A line of an export is one of
//   {"key":PEM}                        the public half of an Ed25519 key
//   {"hash":SHA256,"link":{...}}       a record in its place; the hash is over the text of {...} as it stands there
//   {"signature":BASE64,"head":{...}}  where the chain stood; the signature is over the text of {...}
// It holds when links count from 1 without a gap, each names the hash of the one before and has the right hash itself; when
// heads follow each other without a gap, are signed well, and name the hash of the link at their position; and when the
// chain reaches the last head. Take keys and heads from a clone of the platform repository: without --key an export is only
// checked against itself, and whoever made it up could have signed it.
// Needs Node 20 or newer, nothing else. Exit code 0: it holds, 1: it does not, 2: it could not be checked.
import { createHash, createPublicKey, verify } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const linkShape = /^\{"hash":"([0-9a-f]{64})","link":(\{.*\})\}$/s // s: "." is then also U+2028, which JSON may hold
const headShape = /^\{"signature":"([A-Za-z0-9+/=]{88})","head":(\{.*\})\}$/s
const keyShape = /^\{"key":"(?:[^"\\]|\\n)*"\}$/
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** `read` gives the lines of the export anew each time; `keys` are PEM texts and `heads` lines, both from elsewhere. */
export async function verifyExport(read, { keys = [], heads = [] } = {}) {
  const problems = []
  const problem = (message, position, seq) => problems.length < 100 && problems.push({ position, seq, message })
  const own = { keys: [], heads: [] }
  for await (const line of read())
    if (keyShape.test(line)) own.keys.push(JSON.parse(line).key)
    else if (headShape.test(line)) own.heads.push(line)
  const trusted = new Map((keys.length > 0 ? keys : own.keys).map(withFingerprint))
  const signed = new Map()
  for (const list of [own.heads, heads]) checkHeads(list, { trusted, signed, problem })
  let [rows, position, hash] = [0, 0, '0'.repeat(64)]
  for await (const line of read()) {
    if (keyShape.test(line) || headShape.test(line)) continue
    const link = linkIn(line)
    const wrong = (message) => problem(message, link.position ?? position + 1, link.seq)
    if (link.position !== position + 1) wrong(`the chain goes from position ${position} to ${link.position}`)
    if (link.previous !== hash) wrong('the link does not follow the one before it')
    if (link.actualHash !== link.hash) wrong('the record is not the one that was linked')
    for (const head of signed.get(link.position) ?? [])
      if (head.hash !== link.hash) wrong('the link is not the one that was signed')
    rows += 1
    position = link.position ?? position + 1
    hash = link.hash
  }
  const covered = Math.max(0, ...signed.keys())
  if (covered > position)
    problem(`the chain ends at position ${position}, but a head was signed at ${covered}`, position + 1)
  const ok = problems.length === 0
  return { ok, rows, position, hash, heads: signed.size, signed: covered, keys: [...trusted.keys()], problems }
}

/** Empty for a line that is no link: nothing fits it. */
function linkIn(line) {
  const [, hash, text = ''] = linkShape.exec(line) ?? []
  return { ...parsed(text), hash, actualHash: sha256(text) }
}

/** Notes each good head by its position. */
function checkHeads(lines, { trusted, signed, problem }) {
  let covered = 0
  for (const line of lines) {
    const [, signature = '', text = ''] = headShape.exec(line) ?? []
    const head = parsed(text)
    const { position, count, key } = head
    if (!trusted.has(key)) problem(`the head is signed with an unknown key, ${key}`, position)
    else if (!verify(null, Buffer.from(text), trusted.get(key), Buffer.from(signature, 'base64')))
      problem('the signature of the head is wrong', position)
    else signed.set(position, [...(signed.get(position) ?? []), head])
    if (position - count !== covered)
      problem(`a head is missing between positions ${covered} and ${position}`, position)
    covered = position
  }
}

function withFingerprint(pem) {
  const key = createPublicKey(pem)
  return [sha256(key.export({ format: 'der', type: 'spki' })), key]
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

/** Not node:readline: it also ends a line at characters that a JSON text may hold. */
async function* linesOf(path) {
  let rest = ''
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()
    yield* lines.filter((line) => line !== '')
  }
  if (rest !== '') yield rest
}

async function main(argv) {
  const after = (flag) => argv.filter((_, at) => argv[at - 1] === flag).map((path) => readFileSync(path, 'utf8'))
  const [path] = argv
  if (!path || path.startsWith('--')) throw new Error('usage: audit-verify.mjs EXPORT [--key KEY.pem] [--heads FILE]')
  const [keys, heads] = [after('--key'), after('--heads').flatMap((text) => text.split('\n').filter(Boolean))]
  const report = await verifyExport(() => linesOf(path), { keys, heads })
  console.log(JSON.stringify(report, null, 2))
  return report.ok ? 0 : 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = await main(process.argv.slice(2)).catch((error) => (console.error(error.message), 2))
