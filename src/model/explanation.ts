import { z } from 'zod'
import { FileDiff } from './change-request.ts'
import { Instant, Name } from './names.ts'

/** What kind of thing went wrong; portal and CLI say the same of it. */
export const FailureKind = z.enum([
  'wrong-port',
  'probe',
  'crash',
  'memory',
  'secret',
  'image',
  'rule',
  'test',
  'pipeline',
  'score',
  'artefacts',
  'disk',
  'silent-runtime',
  'other',
])
export type FailureKind = z.infer<typeof FailureKind>

/** What shows that the cause is the cause. */
export const Evidence = z
  .object({
    kind: z.enum(['line', 'probe', 'event', 'rule', 'field']),
    /** Where it was read: a step, a file, the runtime, a rule. */
    source: z.string(),
    text: z.string(),
    at: Instant.optional(),
  })
  .meta({ id: 'Evidence' })
export type Evidence = z.infer<typeof Evidence>

/** One of the two most likely acts: a button and a line to type are the same act. */
export const NextAct = z
  .object({
    act: z.enum(['retry', 'open', 'copy']),
    title: z.string(),
    command: z.string(),
    /** A page of the portal, for `open`. */
    link: z.string().optional(),
    /** False: the asking person's role does not allow it. */
    may: z.boolean(),
  })
  .meta({ id: 'NextAct' })
export type NextAct = z.infer<typeof NextAct>

/** What came between the last release that was healthy there and the one that failed. */
export const ChangedSince = z
  .object({
    version: z.string(),
    commit: z.string(),
    at: Instant,
    by: z.array(z.string()),
    commits: z.array(z.object({ commit: z.string(), author: z.string(), message: z.string(), at: z.string() })),
    /** At most twenty; a text over 20 kB is left out. */
    files: z.array(FileDiff),
    moreFiles: z.int(),
  })
  .meta({ id: 'ChangedSince' })
export type ChangedSince = z.infer<typeof ChangedSince>

/** Why a run failed, in one sentence, with what shows it, what changed, and what to do. */
export const Explanation = z
  .object({
    run: z.string(),
    service: Name.optional(),
    environment: Name.optional(),
    version: z.string().optional(),
    step: z.string().optional(),
    kind: FailureKind,
    cause: z.string(),
    evidence: z.array(Evidence),
    /** Absent: nothing was healthy there before. */
    changed: ChangedSince.optional(),
    next: z.array(NextAct).max(2),
    /** All of it as text, for a chat or a ticket. */
    report: z.string(),
  })
  .meta({ id: 'Explanation' })
export type Explanation = z.infer<typeof Explanation>
