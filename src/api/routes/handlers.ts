import type { AnyHandler } from '../register-routes.ts'
import type { Caller } from '#services/caller.ts'
import { catalogHandlers } from './catalog.ts'
import { changeHandlers } from './changes.ts'
import { devSessionHandlers } from './dev-sessions.ts'
import { docsHandlers } from './docs.ts'
import { driftHandlers } from './drift.ts'
import { notificationHandlers } from './notifications.ts'
import { platformHandlers } from './platform.ts'
import { releaseHandlers } from './releases.ts'
import { runHandlers } from './runs.ts'
import { secretHandlers } from './secrets.ts'
import { serviceHandlers } from './services.ts'
import { sessionHandlers } from './sessions.ts'
import { signalHandlers } from './signals.ts'
import { templateHandlers } from './templates.ts'
import { adoptionHandlers } from './adoptions.ts'
import { tourHandlers } from './tour.ts'
import { workingTreeHandlers } from './working-tree.ts'
import type { ApiContext } from './context.ts'

/** A handler for every route of the contract, by route id. */
export function allHandlers(context: ApiContext): Record<string, AnyHandler<Caller>> {
  return Object.fromEntries([
    ...sessionHandlers(context),
    ...platformHandlers(context),
    ...templateHandlers(context),
    ...serviceHandlers(context),
    ...tourHandlers(context),
    ...adoptionHandlers(context),
    ...releaseHandlers(context),
    ...secretHandlers(context),
    ...signalHandlers(context),
    ...changeHandlers(context),
    ...runHandlers(context),
    ...driftHandlers(context),
    ...catalogHandlers(context),
    ...docsHandlers(context),
    ...notificationHandlers(context),
    ...workingTreeHandlers(context),
    ...devSessionHandlers(context),
  ])
}
