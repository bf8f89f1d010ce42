import { PlatformError } from '#errors/platform-error.ts'
import { answerFields } from '../../client/answer-fields.ts'
import { apiClient, dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'

export const login = defineCommand({
  usage: 'login',
  summary: 'Sign in',
  examples: ['fairway login --as dev', 'fairway login --server https://fairway.example.com --as dev'],
  fields: ['person', 'server'],
  async run({ session, local, out, options }) {
    const api = apiClient({ baseUrl: session.server, fetch: session.fetch })
    const offer = await dataOf(api.GET('/api/v1/sign-in'))
    const name = options['as']
    if (typeof name !== 'string') {
      const people = offer.people.map((person) => `  ${person.name.padEnd(12)} ${person.teams.join(', ')}`).join('\n')
      throw new PlatformError('USAGE', `say as whom: fairway login --as NAME\n${people}`, {
        hint: 'these are the local people of this platform',
      })
    }
    const key = await local.loginKey()
    if (!key)
      throw new PlatformError('LOGIN_REFUSED', 'there is no login key in this data folder', {
        hint: 'run this in the checkout that the platform runs in, or set FAIRWAY_DATA',
      })
    const signedIn = await dataOf(api.POST('/api/v1/sessions', { body: { user: name, key, carrier: 'token' } }))
    await session.save(name, signedIn.token ?? '')
    if (options['server'] !== undefined) await session.choose(session.server, name)
    out.result(
      { person: signedIn.person, server: session.server },
      () =>
        `Signed in to ${session.server} as ${name} (${signedIn.person.teams.join(', ')}; ${signedIn.person.roles.join(', ')}).`,
    )
    return 0
  },
})

export const logout = defineCommand({
  usage: 'logout',
  summary: 'Sign out',
  fields: ['signedOut'],
  async run({ api, session, out }) {
    const name = await session.person()
    await dataOf((await api()).DELETE('/api/v1/sessions/current'))
    await session.forget()
    out.result({ signedOut: name }, () => `Signed out ${name} from ${session.server}.`)
    return 0
  },
})

export const whoami = defineCommand({
  usage: 'whoami',
  summary: 'Who I am, here and with which roles',
  fields: answerFields['GET /api/v1/me'],
  async run({ api, session, out }) {
    const answer = await dataOf((await api()).GET('/api/v1/me'))
    out.result(
      answer,
      ({ person }) =>
        `${person.name} (${person.displayName}) on ${session.server}\nteams  ${person.teams.join(', ') || '-'}\nroles  ${person.roles.join(', ')}`,
    )
    return 0
  },
})

export const authToken = defineCommand({
  usage: 'auth token',
  summary: 'The session of this server, for FAIRWAY_TOKEN',
  examples: ['export FAIRWAY_TOKEN=$(fairway auth token)'],
  fields: ['token', 'server'],
  async run({ session, out }) {
    const token = await session.token()
    if (token === undefined)
      throw new PlatformError('NOT_SIGNED_IN', `nobody is signed in to ${session.server}`, {
        hint: 'fairway login --as NAME',
      })
    out.result({ token, server: session.server }, () => token)
    return 0
  },
})
