import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { type Person, Role, type Team } from '#model/people.ts'
import type { Identity } from '#ports/identity.ts'

const Group = z.object({
  kind: z.literal('Group'),
  metadata: z.object({
    name: z.string(),
    title: z.string().optional(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.object({
    profile: z.object({ displayName: z.string() }).partial().optional(),
    members: z.array(z.string()).default([]),
  }),
})

const User = z.object({
  kind: z.literal('User'),
  metadata: z.object({ name: z.string(), title: z.string().optional() }),
  spec: z.object({
    profile: z.object({ displayName: z.string(), email: z.string() }).partial().optional(),
    memberOf: z.array(z.string()).default([]),
  }),
})

interface Organisation {
  readonly people: readonly Person[]
  readonly teams: readonly Team[]
}

/**
 * The people and teams of `org/` in the platform repository, chosen by name at sign-in. It demonstrates roles and is no
 * wall between people: it works on a loopback address only.
 */
export function localIdentity(
  readOrg: () => Promise<{ version: string; texts: readonly { path: string; text: string }[] }>,
): Identity {
  let known: (Organisation & { version: string }) | undefined
  const read = async () => {
    const { version, texts } = await readOrg()
    if (known?.version === version) return known
    await admitYaml(...texts.map(({ text }) => text))
    known = { version, ...parseOrganisation(texts) }
    return known
  }
  return {
    kind: 'demo',
    people: async () => (await read()).people,
    teams: async () => (await read()).teams,
    find: async (name) => (await read()).people.find((person) => person.name === name),
  }
}

/** People with their teams and roles; membership counts whether the group or the person names it. */
export function parseOrganisation(texts: readonly { path: string; text: string }[]): Organisation {
  const documents = texts.flatMap(({ path, text }) =>
    readYaml(text, { code: 'SETTINGS_INVALID', file: `org/${path}` }).map(({ value }) => ({ path, value })),
  )
  const groups = documents.flatMap(({ path, value }) =>
    kindOf(value) === 'Group' ? [checked(Group, path, value)] : [],
  )
  const users = documents.flatMap(({ path, value }) => (kindOf(value) === 'User' ? [checked(User, path, value)] : []))
  const teams = groups.map((group): Team => {
    const name = group.metadata.name
    const members = users.filter(
      (user) => user.spec.memberOf.includes(name) || group.spec.members.includes(user.metadata.name),
    )
    const role = Role.safeParse(group.metadata.annotations['fairway.dev/role'])
    return {
      name,
      displayName: group.spec.profile?.displayName ?? group.metadata.title ?? name,
      role: role.success ? role.data : 'viewer',
      members: members.map((user) => user.metadata.name),
    }
  })
  const people = users.map((user): Person => {
    const mine = teams.filter((team) => team.members.includes(user.metadata.name))
    const roles = new Set<Role>([...mine.map((team) => team.role), 'viewer'])
    const { displayName = user.metadata.title ?? user.metadata.name, email } = user.spec.profile ?? {}
    return {
      name: user.metadata.name,
      displayName,
      ...(email && { email }),
      teams: mine.map((team) => team.name),
      roles: [...roles],
    }
  })
  return { people, teams }
}

function kindOf(value: unknown): unknown {
  return (value as { kind?: unknown } | null)?.kind
}

function checked<T extends z.ZodType>(schema: T, path: string, value: unknown): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new PlatformError('SETTINGS_INVALID', `org/${path}: ${issue?.path.join('.')}: ${issue?.message}`, {
    cause: result.error,
  })
}
