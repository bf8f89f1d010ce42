import { z } from 'zod'
import { Instant } from './names.ts'

/** Something that is in the cluster and breaks a rule: it was there before the rule, or came while nobody asked. */
export const StandingViolation = z.object({
  /** As `Deployment team-a-dev/shop`. */
  object: z.string(),
  message: z.string(),
})
export type StandingViolation = z.infer<typeof StandingViolation>

/** One rule at the cluster's door. */
export const RuleAtDoor = z.object({
  policy: z.string(),
  /**
   * `enforced`: as the platform means it. `warns`: likewise, and it denies nothing. `different`: there, but not as the
   * platform means it. `inactive`: there, and not taken up. `missing`: not there.
   */
  state: z.enum(['enforced', 'warns', 'different', 'inactive', 'missing']),
  /** Why it is not in force as meant. */
  detail: z.string().optional(),
  /** Some of what the last audit found. */
  violations: z.array(StandingViolation),
  /** How many the last audit found; absent: no audit has told. */
  total: z.int().optional(),
  auditedAt: Instant.optional(),
})
export type RuleAtDoor = z.infer<typeof RuleAtDoor>

/** What lets something past the rules, whatever they say, and how to mend it. */
export const DoorProblem = z.object({ what: z.string(), fix: z.string() })
export type DoorProblem = z.infer<typeof DoorProblem>

/** The door of an environment's cluster as it was found. `unknown` says nothing good and nothing bad. */
export const AdmissionView = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('not-enforced'), reason: z.string() }),
    z.object({ kind: z.literal('unknown'), reason: z.string() }),
    z.object({
      kind: z.literal('known'),
      /** When it was looked at, and what was asked. */
      at: Instant,
      source: z.string(),
      problems: z.array(DoorProblem),
      rules: z.array(RuleAtDoor),
    }),
  ])
  .meta({ id: 'Admission' })
export type AdmissionView = z.infer<typeof AdmissionView>
