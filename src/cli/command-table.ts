import type { CommandSpec } from './command.ts'

interface TableEntry {
  readonly words: string
  readonly summary: string
  readonly load: () => Promise<CommandSpec>
}

const entry = (words: string, summary: string, load: () => Promise<CommandSpec>): TableEntry => ({
  words,
  summary,
  load,
})

/** Every command, in the order help lists them. Only the one that is asked for is loaded, so that help is quick. */
export const commandTable: readonly TableEntry[] = [
  entry('up', 'Start the whole platform on this machine', async () => (await import('./commands/platform.ts')).up),
  entry(
    'down',
    'Stop the platform, its agent and all workloads',
    async () => (await import('./commands/platform.ts')).down,
  ),
  entry(
    'doctor',
    'What is there, what is missing, and what that costs',
    async () => (await import('./commands/doctor.ts')).doctor,
  ),
  entry(
    'rebuild',
    'Make the index anew from Git and the artefact store',
    async () => (await import('./commands/rebuild.ts')).rebuild,
  ),
  entry(
    'backup',
    'Write a sealed backup of everything, while the platform runs',
    async () => (await import('./commands/backup.ts')).backup,
  ),
  entry(
    'restore',
    'Restore a backup into an empty data folder',
    async () => (await import('./commands/backup.ts')).restore,
  ),
  entry('login', 'Sign in', async () => (await import('./commands/login.ts')).login),
  entry('logout', 'Sign out', async () => (await import('./commands/login.ts')).logout),
  entry('whoami', 'Who I am, here and with which roles', async () => (await import('./commands/login.ts')).whoami),
  entry(
    'auth status',
    'Servers that I am signed in to, as whom, and their versions',
    async () => (await import('./commands/auth.ts')).authStatus,
  ),
  entry(
    'auth switch',
    'Choose the server that commands go to',
    async () => (await import('./commands/auth.ts')).authSwitch,
  ),
  entry(
    'auth token',
    'The session of this server, for FAIRWAY_TOKEN',
    async () => (await import('./commands/login.ts')).authToken,
  ),
  entry('new', 'Create a service from a golden path', async () => (await import('./commands/new.ts')).newService),
  entry(
    'status',
    'Release, sync, health and address per environment',
    async () => (await import('./commands/status.ts')).status,
  ),
  entry(
    'matrix',
    'Which release of each service runs in each environment',
    async () => (await import('./commands/matrix.ts')).matrix,
  ),
  entry(
    'clone',
    'Clone a service’s repository and set up its credential',
    async () => (await import('./commands/clone.ts')).clone,
  ),
  entry(
    'promote',
    'Promote a release to the next environment',
    async () => (await import('./commands/promote.ts')).promote,
  ),
  entry(
    'rollback',
    'Bring back the last healthy deployment',
    async () => (await import('./commands/rollback.ts')).rollback,
  ),
  entry(
    'tour',
    'The tour of a first service: where it stands, and what comes next',
    async () => (await import('./commands/tour.ts')).tour,
  ),
  entry(
    'tour break',
    'Break the readiness of a first service on purpose, by a commit, to see a rollout fail',
    async () => (await import('./commands/tour.ts')).tourBreak,
  ),
  entry(
    'tour mend',
    'Take the break of the tour back, by a commit',
    async () => (await import('./commands/tour.ts')).tourMend,
  ),
  entry(
    'check',
    'What the gates would say of this folder, before a commit',
    async () => (await import('./commands/check.ts')).check,
  ),
  entry(
    'dev',
    'Run this folder’s service from source, as the first environment would',
    async () => (await import('./commands/dev.ts')).dev,
  ),
  entry(
    'adopt',
    'Propose the files that a checked-out repository lacks to be a service',
    async () => (await import('./commands/adopt.ts')).adopt,
  ),
  entry('diff', 'What a promotion would change, rendered', async () => (await import('./commands/diff.ts')).diff),
  entry(
    'drift',
    'What differs from what was approved, with its cause',
    async () => (await import('./commands/drift.ts')).drift,
  ),
  entry('drift revert', 'Restore what was approved', async () => (await import('./commands/drift.ts')).driftRevert),
  entry(
    'drift adopt',
    'Put Git’s state through rules and approvals',
    async () => (await import('./commands/drift.ts')).driftAdopt,
  ),
  entry('logs', 'Log lines of a service in an environment', async () => (await import('./commands/logs.ts')).logs),
  entry(
    'metrics',
    'Golden signals of a service in an environment, its dashboard and its alert rules',
    async () => (await import('./commands/metrics.ts')).metrics,
  ),
  entry(
    'open',
    'Open a page of the portal, or a service’s repository',
    async () => (await import('./commands/open.ts')).open,
  ),
  entry(
    'history',
    'Deployments of a service, newest first',
    async () => (await import('./commands/status.ts')).history,
  ),
  entry(
    'change open',
    'Open a change request for a pushed branch',
    async () => (await import('./commands/change.ts')).changeOpen,
  ),
  entry('change list', 'Change requests', async () => (await import('./commands/change.ts')).changeList),
  entry(
    'change show',
    'One change request with its diff',
    async () => (await import('./commands/change.ts')).changeShow,
  ),
  entry('change approve', 'Approve a change request', async () => (await import('./commands/change.ts')).changeApprove),
  entry('change reject', 'Reject a change request', async () => (await import('./commands/change.ts')).changeReject),
  entry('change merge', 'Merge a change request', async () => (await import('./commands/change.ts')).changeMerge),
  entry(
    'change close',
    'Close a change request without merging',
    async () => (await import('./commands/change.ts')).changeClose,
  ),
  entry(
    'release list',
    'Releases of a service, newest first',
    async () => (await import('./commands/release.ts')).releaseList,
  ),
  entry(
    'release show',
    'One release: who signed it, where it came from, what is in it',
    async () => (await import('./commands/release.ts')).releaseShow,
  ),
  entry(
    'release sbom',
    'Write the bill of materials of a release (CycloneDX) to a file',
    async () => (await import('./commands/release.ts')).releaseSbom,
  ),
  entry(
    'release provenance',
    'Write the signed provenance of a release (sigstore bundle) to a file',
    async () => (await import('./commands/release.ts')).releaseProvenance,
  ),
  entry(
    'move git-host',
    'Copy every repository to another Git host, while the platform does not run',
    async () => (await import('./commands/move.ts')).moveGitHost,
  ),
  entry(
    'keys create',
    'Make the keys that every replica must share, for FAIRWAY_KEYS',
    async () => (await import('./commands/keys.ts')).keysCreate,
  ),
  entry(
    'keys list',
    'Public keys that images may be signed with',
    async () => (await import('./commands/release.ts')).keysList,
  ),
  entry('run list', 'Runs, newest first', async () => (await import('./commands/run.ts')).runList),
  entry('run show', 'One run with its steps and log', async () => (await import('./commands/run.ts')).runShow),
  entry(
    'run commits',
    'The commits of a run: what started it and what it wrote; with a commit, what that one changed',
    async () => (await import('./commands/run.ts')).runCommits,
  ),
  entry('run watch', 'Follow a run until it ends', async () => (await import('./commands/run.ts')).runWatch),
  entry('run retry', 'Go on from the failed step', async () => (await import('./commands/run.ts')).runRetry),
  entry(
    'run cancel',
    'End a run that waits or is under way; what it made until then stays',
    async () => (await import('./commands/run.ts')).runCancel,
  ),
  entry(
    'run undo',
    'Take back what a failed, cancelled or waiting run made',
    async () => (await import('./commands/run.ts')).runUndo,
  ),
  entry(
    'secret set',
    'Set a secret from standard input or a hidden prompt',
    async () => (await import('./commands/secret.ts')).secretSet,
  ),
  entry(
    'secret list',
    'Secrets of a service: what is set, since when, what is missing',
    async () => (await import('./commands/secret.ts')).secretList,
  ),
  entry(
    'secret rotate',
    'Give a secret a new value; workloads take it over one after the other',
    async () => (await import('./commands/secret.ts')).secretRotate,
  ),
  entry(
    'secret delete',
    'Delete a secret that nothing asks for any more',
    async () => (await import('./commands/secret.ts')).secretDelete,
  ),
  entry('catalog list', 'Entities of the catalog', async () => (await import('./commands/catalog.ts')).catalogList),
  entry('catalog show', 'One entity', async () => (await import('./commands/catalog.ts')).catalogShow),
  entry(
    'catalog relations',
    'What an entity is to others: owner, dependencies, APIs, environments',
    async () => (await import('./commands/catalog.ts')).catalogRelations,
  ),
  entry(
    'catalog refresh',
    'Read every source again',
    async () => (await import('./commands/catalog.ts')).catalogRefresh,
  ),
  entry(
    'catalog validate',
    'Check catalog-info.yaml and score.yaml of a folder',
    async () => (await import('./commands/catalog.ts')).catalogValidate,
  ),
  entry('template list', 'Golden paths', async () => (await import('./commands/template.ts')).templateList),
  entry(
    'template show',
    'The questions of a golden path',
    async () => (await import('./commands/template.ts')).templateShow,
  ),
  entry(
    'env bootstrap',
    'Point the product that delivers to an environment at the delivery repository',
    async () => (await import('./commands/env-bootstrap.ts')).envBootstrap,
  ),
  entry(
    'env detach',
    'Take the product that delivers to an environment off the delivery repository, with all it deployed there',
    async () => (await import('./commands/env-detach.ts')).envDetach,
  ),
  entry(
    'docs',
    'Pages of documentation, and a search over them',
    async () => (await import('./commands/docs.ts')).docs,
  ),
  entry(
    'notifications list',
    'What I was told: approvals that wait for me, my failed runs, rollbacks',
    async () => (await import('./commands/notifications.ts')).notificationsList,
  ),
  entry(
    'notifications read',
    'Mark notifications as read',
    async () => (await import('./commands/notifications.ts')).notificationsRead,
  ),
  entry(
    'notifications preferences',
    'Which kinds reach me, and how',
    async () => (await import('./commands/notifications.ts')).notificationsPreferences,
  ),
  entry(
    'notifications given-up',
    'Mail and webhooks that could not be delivered, with why; for platform and security engineers',
    async () => (await import('./commands/notifications.ts')).notificationsGivenUp,
  ),
  entry(
    'notifications send-again',
    'Try a message that was given up anew, under the id it had',
    async () => (await import('./commands/notifications.ts')).notificationsSendAgain,
  ),
  entry(
    'env show',
    'One environment: its services, its rules, its drift',
    async () => (await import('./commands/env-show.ts')).envShow,
  ),
  entry('env list', 'Environments in promotion order', async () => (await import('./commands/lists.ts')).envList),
  entry('policy list', 'Rules in force', async () => (await import('./commands/lists.ts')).policyList),
  entry(
    'policy explain',
    'One rule: why it is there, where it is asked, how to satisfy it',
    async () => (await import('./commands/lists.ts')).policyExplain,
  ),
  entry('audit list', 'Audit records, newest first', async () => (await import('./commands/lists.ts')).auditList),
  entry(
    'audit export',
    'Write the whole audit log with its chain and signed heads to a file',
    async () => (await import('./commands/audit.ts')).auditExport,
  ),
  entry(
    'audit verify',
    'Check that no audit record was changed, removed or moved',
    async () => (await import('./commands/audit.ts')).auditVerify,
  ),
  entry(
    'config explain',
    'What a setting of this machine is, and what decided it',
    async () => (await import('./commands/config.ts')).configExplain,
  ),
  entry('api', 'Call the API directly, as gh api does', async () => (await import('./commands/api.ts')).api),
  entry(
    'git-credential',
    'Answer Git’s credential question for this server only',
    async () => (await import('./commands/clone.ts')).gitCredential,
  ),
  entry(
    'complete',
    'Say what can stand next on a command line, for completion scripts',
    async () => (await import('./commands/complete.ts')).complete,
  ),
  entry(
    'completion',
    'Print a completion script for bash, zsh or fish',
    async () => (await import('./commands/completion.ts')).completion,
  ),
]
