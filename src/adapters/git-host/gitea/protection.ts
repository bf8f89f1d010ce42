import { codeOf } from '#errors/platform-error.ts'
import type { RepoRef } from '#model/names.ts'
import type { BranchRule } from '#ports/git-host.ts'
import { type GiteaCalls, pathOf, scopes } from './calls.ts'
import { Protection } from './schema.ts'
import type { Teams } from './teams.ts'

/**
 * Makes Gitea's branch protection say what `rule` says, and nothing else. Only the platform merges, so that no way leads
 * around its checks and approvals; administrators of the repository are bound as well.
 */
export async function protectBranches(
  { calls, teams }: { calls: GiteaCalls; teams: Teams },
  { repo, rule, defaultBranch }: { repo: RepoRef; rule: BranchRule; defaultBranch: string },
): Promise<void> {
  const { login } = await calls.self()
  await teams.grant(repo, rule.teams)
  const mayPush = rule.pushBy === 'team' ? [...rule.teams] : []
  const wanted = [
    { rule_name: defaultBranch, push_whitelist_teams: mayPush },
    ...(rule.closed ?? []).map((branch) => ({ rule_name: branch, push_whitelist_teams: [] })),
  ]
  const base = `${pathOf(repo)}/branch_protections`
  const scope = scopes.repository
  const rules = async () =>
    (await calls.json('GET', base, { schema: Protection.array(), scope })).map(({ rule_name }) => rule_name)
  const known = await rules()
  for (const one of wanted) {
    const body = { ...one, ...closedTo(login) }
    const change = () => calls.send('PATCH', `${base}/${encodeURIComponent(one.rule_name)}`, { body, scope })
    if (known.includes(one.rule_name)) await change()
    else
      await calls.send('POST', base, { body, scope }).catch(async (error: unknown) => {
        // Of one that another replica made meanwhile Gitea says 403, or 500 when it was the very same moment.
        const isTaken = ['PRODUCT_FORBIDDEN', 'PRODUCT_FAILED'].includes(codeOf(error) ?? '')
        if (!isTaken || !(await rules()).includes(one.rule_name)) throw error
        await change()
      })
  }
  const names = wanted.map(({ rule_name }) => rule_name)
  for (const name of known.filter((one) => !names.includes(one)))
    await calls.send('DELETE', `${base}/${encodeURIComponent(name)}`, { scope, accept: [404] })
}

const closedTo = (platform: string) => ({
  enable_push: true,
  enable_push_whitelist: true,
  push_whitelist_usernames: [platform],
  push_whitelist_deploy_keys: false,
  enable_force_push: false,
  enable_merge_whitelist: true,
  merge_whitelist_usernames: [platform],
  merge_whitelist_teams: [],
  block_admin_merge_override: true,
})
