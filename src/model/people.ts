import { z } from 'zod'
import { Name } from './names.ts'

/** design.md section 3. A person may hold several; everybody signed in is at least a viewer. */
export const Role = z.enum(['developer', 'platform-engineer', 'security-engineer', 'auditor', 'viewer'])
export type Role = z.infer<typeof Role>

/** Who is acting. `teams` are the groups the person is a member of. */
export const Person = z
  .object({
    name: Name,
    displayName: z.string(),
    email: z.string().optional(),
    teams: z.array(Name),
    roles: z.array(Role),
  })
  .meta({ id: 'Person' })
export type Person = z.infer<typeof Person>

export const Team = z
  .object({ name: Name, displayName: z.string(), role: Role, members: z.array(Name) })
  .meta({ id: 'Team' })
export type Team = z.infer<typeof Team>

/** The platform acting for itself, as in `Requested-by: fairway`. */
export const platformActor = 'fairway'
