import { isCreation, isDeletion, type PushCommand } from '#lib/git/push-commands.ts'
import { checkBranch, checkRef } from '#lib/git/check-names.ts'
import { codeOf } from '#errors/platform-error.ts'
import { defaultBranch, type GitActor, type RepositoryFile } from './settings.ts'

/**
 * Why a push is refused, or undefined. Only what can be told from the commands is decided here; that the default branch
 * moves forward only is checked by receive-pack, which has the objects.
 */
export function pushFault(
  commands: readonly PushCommand[],
  { actor, settings }: { actor: GitActor; settings: RepositoryFile },
): string | undefined {
  if (settings.archived) return `The repository is archived: ${settings.archived.reason}`
  for (const command of commands) {
    const fault = nameFault(command.ref) ?? placeFault(command, actor) ?? ruleFault(command, { actor, settings })
    if (fault) return fault
  }
  return undefined
}

export const defaultRef = `refs/heads/${defaultBranch}`

/** Whether a ref is a branch that only the platform moves; another spelling of its name counts, for file systems that fold case. */
export function isClosed(ref: string, { closed = [] }: RepositoryFile['rule']): boolean {
  return closed.some((branch) => ref.toLowerCase() === `refs/heads/${branch}`.toLowerCase())
}

export const neverRewritten = `${defaultBranch} only moves forward: fetch, rebase your commits onto it and push without force`

function nameFault(ref: string): string | undefined {
  try {
    if (ref.startsWith('refs/heads/')) checkBranch(ref.slice('refs/heads/'.length))
    else checkRef(ref)
  } catch (error) {
    if (codeOf(error) === 'GIT_REF_INVALID') return (error as Error).message
    throw error
  }
  // a file system that folds case would take it for the protected branch
  const isDisguised = ref !== defaultRef && ref.toLowerCase() === defaultRef
  return isDisguised ? `A branch may not differ from ${defaultBranch} by case alone.` : undefined
}

function placeFault(command: PushCommand, actor: GitActor): string | undefined {
  const { ref } = command
  if (ref.startsWith('refs/heads/')) return undefined
  if (ref.startsWith('refs/tags/'))
    return actor.platform || isCreation(command) ? undefined : 'A tag names a release: it is never moved or deleted.'
  const isOurs = ref.startsWith('refs/changes/') || ref.startsWith('refs/fairway/')
  if (isOurs && actor.platform) return undefined
  return isOurs ? `${ref} is written by the platform only.` : 'Only branches and tags are taken.'
}

function ruleFault(
  command: PushCommand,
  { actor, settings: { rule } }: { actor: GitActor; settings: RepositoryFile },
): string | undefined {
  const isDefault = command.ref === defaultRef
  if (isDefault && isDeletion(command)) return `${defaultBranch} is never deleted.`
  if (rule.pushBy === 'platform') {
    if (actor.platform) return undefined
    return worded(rule.refusal, 'Only the platform writes to this repository.')
  }
  if (isClosed(command.ref, rule)) {
    if (!actor.platform) return `Only the platform writes to ${command.ref.slice('refs/heads/'.length)}.`
    return isDeletion(command) ? 'A closed branch is never deleted.' : undefined
  }
  if (!isDefault) return undefined
  if (rule.pushBy === 'change') {
    if (actor.platform && isCreation(command)) return undefined
    return worded(rule.refusal, `${defaultBranch} takes change requests only; use: fairway change open`)
  }
  if (actor.platform || actor.teams.some((team) => rule.teams.includes(team))) return undefined
  return worded(rule.refusal, `Only members of ${rule.teams.join(', ') || 'nobody'} push to ${defaultBranch}.`)
}

function worded(refusal: string | undefined, otherwise: string): string {
  return refusal ?? otherwise
}
