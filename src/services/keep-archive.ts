import { platformActor } from '#model/people.ts'
import { repoName } from '#model/names.ts'
import type { ArchivedRepository } from '#ports/git-host.ts'
import { appendAudit } from '#store/audit.ts'
import { forgetKeys } from '#store/idempotency.ts'
import { findRun } from '#store/run.ts'
import { archiveDays } from '#workflows/create-service/take-back.ts'
import type { Platform } from '#workflows/platform.ts'
import { undoRunId } from './undo-run-id.ts'

const everyMs = 3_600_000
/** Days that a repeated request is still recognised by its Idempotency-Key. */
const keyDays = 30

/** Deletes what an undo archived, once its days are over, and forgets keys that nobody repeats. Returns the stop. */
export function keepArchive(platform: Platform): () => void {
  const look = () =>
    Promise.all([purgeArchive(platform, new Date()), forgetKeys(platform.db, { days: keyDays })]).catch(
      (error: unknown) =>
        platform.log.warn({ err: error }, 'the archive could not be tidied; the next look repeats it'),
    )
  void look()
  const timer = setInterval(() => void look(), everyMs)
  return () => clearInterval(timer)
}

/**
 * Deletes archived repositories for good, each on behalf of the person whose undo archived it, with intent and outcome in
 * the audit log. What no undo of this platform archived is left alone. Gives the names.
 */
export async function purgeArchive(platform: Platform, now: Date): Promise<readonly string[]> {
  const purged: string[] = []
  for (const archived of await platform.ports.gitHost.repositories.archived()) {
    if (Date.parse(archived.at) + archiveDays * 86_400_000 > now.getTime()) continue
    const by = await whoUndid(platform, archived)
    if (by === undefined) continue
    await purge(platform, archived, by)
    purged.push(repoName(archived.repo))
  }
  return purged
}

async function purge(platform: Platform, archived: ArchivedRepository, by: string): Promise<void> {
  const record = {
    actor: platformActor,
    onBehalfOf: by,
    action: 'repository.purge',
    object: `repository:${repoName(archived.repo)}`,
    ...(archived.marker && { run: archived.marker }),
    detail: { archivedAt: archived.at, reason: archived.reason },
  }
  await appendAudit(platform.db, { ...record, phase: 'intent' })
  try {
    await platform.ports.gitHost.repositories.purge(archived.id)
  } catch (error) {
    await appendAudit(platform.db, { ...record, phase: 'outcome', result: 'failed' })
    throw error
  }
  await appendAudit(platform.db, { ...record, phase: 'outcome', result: 'ok' })
}

/** Who asked for the undo of the run that made it; undefined where there was none, or it did not come to its end. */
async function whoUndid(platform: Platform, { marker }: ArchivedRepository): Promise<string | undefined> {
  if (marker === undefined) return undefined
  const [run, undo] = await Promise.all([findRun(platform.db, marker), findRun(platform.db, undoRunId(marker))])
  return run?.state === 'undone' && undo?.state === 'succeeded' ? undo.requestedBy : undefined
}
