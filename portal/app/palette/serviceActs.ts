import type { ServiceDetail } from '../../model.ts'
import { paths } from '../paths.ts'
import { type ServiceTab, serviceTabs } from '../../../src/model/service-tabs.ts'
import type { Entry } from './entry.ts'

// Its overview is the service itself, and its log has an act of its own.
const tabs = serviceTabs.filter((tab) => tab !== 'overview' && tab !== 'logs')

const commands: Readonly<Partial<Record<ServiceTab, (name: string) => string>>> = {
  deployments: (name) => `fairway history ${name}`,
  releases: (name) => `fairway release list ${name}`,
  secrets: (name) => `fairway secret list ${name}`,
  dependencies: (name) => `fairway catalog relations ${name}`,
}

/** What may be done to a service now, by the same answers that its buttons have. */
export function serviceActs({ name, promote, rollback }: ServiceDetail): readonly Entry[] {
  const moves = promote.map(({ can, environment: to }) => ({
    can,
    entry: act(
      `Promote ${name} to ${to}…`,
      `${paths.promote(name)}?to=${to}`,
      `fairway promote ${name} --to ${to} --wait`,
    ),
  }))
  const ways = rollback.map(({ can, environment: at }) => ({
    can,
    entry: act(
      `Roll back ${name} in ${at}…`,
      `${paths.rollback(name)}?environment=${at}`,
      `fairway rollback ${name} --env ${at} --wait`,
    ),
  }))
  return [...moves, ...ways].flatMap(({ can, entry }) => (can ? [entry] : []))
}

/** The ways to the logs of each environment and to the service's tabs. */
export function serviceWays({ name, environments }: ServiceDetail): readonly Entry[] {
  const logs = environments
    .filter(({ release }) => release !== undefined)
    .map(({ name: at }) =>
      act(
        `Logs of ${name} in ${at}`,
        `${paths.serviceTab(name, 'logs')}?environment=${at}`,
        `fairway logs ${name} --env ${at}`,
      ),
    )
  const others = tabs.map((tab) =>
    act(
      `${tab[0]?.toUpperCase()}${tab.slice(1)} of ${name}`,
      paths.serviceTab(name, tab),
      commands[tab]?.(name) ?? `fairway open ${name} ${tab}`,
    ),
  )
  return [...logs, ...others]
}

function act(title: string, to: string, cli: string): Entry {
  return { id: `${title} ${to}`, section: 'Acts', title, cli, open: { to } }
}
