import { PlatformError } from '#errors/platform-error.ts'
import { Name, type RepoRef } from '#model/names.ts'

/** Names are compared without case, as Gitea does; one that the platform does not know as a name is NAME_INVALID. */
export function checkedRepo(repo: RepoRef): RepoRef {
  return { owner: checked(repo.owner), name: checked(repo.name) }
}

function checked(name: string): string {
  const { success, data } = Name.safeParse(name.toLowerCase())
  if (success) return data
  const shown = JSON.stringify(name.slice(0, 60))
  throw new PlatformError('NAME_INVALID', `${shown} cannot name a repository or its owner.`)
}

// The description is the one field that appears with the repository itself and that only its administrators change.
const made =
  /^(?<text>[^]*?)(?:^| )\(made by Fairway: (?<marker>[^()]+)\)(?: \(archived (?<at>[^:()]+:[^()]*?Z): (?<reason>[^]*)\))?$/

const nobody = '-'

export interface Described {
  readonly text: string
  readonly marker: string | undefined
  readonly at?: string | undefined
  readonly reason?: string | undefined
}

export function described(description: string): Described {
  const { text, marker, at, reason } = made.exec(description)?.groups ?? {}
  if (marker === undefined) return { text: description, marker: undefined }
  return { text: text ?? '', marker: marker === nobody ? undefined : marker, at, reason }
}

export function describeAs({ text, marker, at, reason }: Described): string {
  const short = text.slice(0, 1500)
  const maker = marker ?? (at === undefined ? undefined : nobody)
  const parts = [short, maker === undefined ? '' : `(made by Fairway: ${maker})`]
  if (at !== undefined) parts.push(`(archived ${at}: ${(reason ?? '').replaceAll(/\s+/g, ' ').slice(0, 300)})`)
  return parts.filter((part) => part !== '').join(' ')
}

// A dot keeps it apart from every name that the platform gives.
const archivedName = /^(?<name>[a-z][a-z0-9-]*)\.archived-(?<stamp>\d{17})$/

export function nameInArchive(name: string, at: string): string {
  return `${name}.archived-${at.replaceAll(/\D/g, '')}`
}

/** The name that an archived repository had. */
export function nameBeforeArchive(name: string): string | undefined {
  return archivedName.exec(name)?.groups?.['name']
}
