import * as catalog from './catalog.ts'
import * as changes from './changes.ts'
import * as devSessions from './dev-sessions.ts'
import * as docs from './docs.ts'
import * as drift from './drift.ts'
import * as notifications from './notifications.ts'
import * as platform from './platform.ts'
import * as releases from './releases.ts'
import * as runs from './runs.ts'
import * as secrets from './secrets.ts'
import * as services from './services.ts'
import * as sessions from './sessions.ts'
import * as signals from './signals.ts'
import * as templates from './templates.ts'
import * as adoptions from './adoptions.ts'
import * as tour from './tour.ts'
import * as workingTree from './working-tree.ts'
import type { RouteDefinition } from '../route.ts'

const modules = [
  sessions,
  platform,
  templates,
  services,
  tour,
  adoptions,
  releases,
  secrets,
  signals,
  changes,
  runs,
  drift,
  catalog,
  docs,
  notifications,
  workingTree,
  devSessions,
]

/** Every route of the API. A route that is not here does not exist; a test walks this list. */
export const allRoutes: readonly RouteDefinition[] = modules.flatMap((module) => Object.values(module).filter(isRoute))

function isRoute(value: unknown): value is RouteDefinition {
  return typeof value === 'object' && value !== null && 'path' in value && 'method' in value && 'reply' in value
}
