import { PlatformError } from '#errors/platform-error.ts'
import { apiClient } from '../../client/client.ts'
import { defineCommand, type KnownServer } from '../command.ts'

export const authStatus = defineCommand({
  usage: 'auth status',
  summary: 'Servers that I am signed in to, as whom, whether it still holds, and their versions',
  examples: ['fairway auth status', 'fairway auth status --json server,people'],
  fields: ['server', 'isCurrent', 'version', 'people'],
  async run({ session, out, version }) {
    const known = await session.known()
    const here = known.some(({ server }) => server === session.server)
    const all = here ? known : [...known, { server: session.server, current: undefined, people: [] }]
    const rows = await Promise.all(all.map((one) => looked(one, session)))
    out.note(`command line ${version}`)
    out.table(
      rows,
      [
        { title: 'SERVER', cell: (row) => row.server },
        { title: 'CURRENT', cell: (row) => (row.isCurrent ? 'yes' : '-') },
        { title: 'VERSION', cell: (row) => row.version ?? 'no answer' },
        {
          title: 'SIGNED IN AS',
          cell: (row) =>
            row.people
              .map(({ name, isCurrent, state }) => `${name} (${isCurrent ? 'current, ' : ''}${state})`)
              .join(', ') || 'nobody',
        },
      ],
      '',
    )
    return rows.some(({ isCurrent, people }) => isCurrent && people.some(({ state }) => state === 'holds')) ? 0 : 4
  },
})

export const authSwitch = defineCommand({
  usage: 'auth switch <address>',
  summary: 'Commands go to this server from now on; with --as, as that person',
  examples: ['fairway auth switch http://localhost:7007', 'fairway auth switch https://fairway.example.com --as dev'],
  fields: ['server', 'person'],
  async run({ args: [address = ''], options, session, out }) {
    const server = address.replace(/\/$/, '')
    const known = (await session.known()).find((one) => one.server === server)
    const person = typeof options['as'] === 'string' ? options['as'] : known?.current
    if (!known || !known.people.some(({ name }) => name === person))
      throw new PlatformError('NOT_SIGNED_IN', `nobody is signed in to ${server}${person ? ` as ${person}` : ''}`, {
        hint: `fairway login --server ${server} --as ${person ?? 'NAME'}`,
      })
    await session.choose(server, person)
    out.result({ server, person }, () => `Commands go to ${server} as ${person}.`)
    if (process.env['FAIRWAY_SERVER']) out.note('FAIRWAY_SERVER is set and wins over it')
    return 0
  },
})

const patienceMs = 5_000

/** What a server says of itself and of the sessions that are kept for it. No token leaves for another server than its own. */
async function looked({ server, current, people }: KnownServer, session: { server: string }) {
  let version: string | undefined
  const asked = async (token: string | undefined) => {
    const signal = AbortSignal.timeout(patienceMs)
    const client = apiClient({ baseUrl: server, ...(token && { token }) })
    const { response } = token
      ? await client.GET('/api/v1/me', { signal })
      : await client.GET('/api/v1/sign-in', { signal })
    version ??= response.headers.get('fairway-version') ?? 'unknown'
    return response.ok
  }
  const states = await Promise.all(
    people.map(async ({ name, token }) => {
      const holds = await asked(token).catch(() => undefined)
      const state = holds === undefined ? 'no answer' : holds ? 'holds' : 'ended'
      return { name, isCurrent: name === current, state }
    }),
  )
  if (people.length === 0) await asked(undefined).catch(() => undefined)
  return { server, isCurrent: server === session.server, version, people: states }
}
