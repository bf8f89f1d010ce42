import type { ServiceDetail } from '../../model.ts'
import { paths } from '../paths.ts'
import type { Entry } from './entry.ts'

const tabs = [
  'deployments',
  'releases',
  'secrets',
  'resources',
  'dependencies',
  'logs',
  'metrics',
  'traces',
  'activity',
  'docs',
] as const

const commands: Readonly<Partial<Record<(typeof tabs)[number], (name: string) => string>>> = {
  deployments: (name) => `fairway history ${name}`,
  releases: (name) => `fairway release list ${name}`,
  secrets: (name) => `fairway secret list ${name}`,
  dependencies: (name) => `fairway catalog relations ${name}`,
}

/** What may be done to a service now, by the same answers that its buttons have, and the ways to its tabs. */
export function serviceActs({ name, promote, rollback, environments }: ServiceDetail): readonly Entry[] {
  const act = (title: string, to: string, cli?: string): Entry => ({
    id: `${title} ${to}`,
    section: 'Acts',
    title,
    cli,
    open: { to },
  })
  const running = environments.filter(({ release }) => release !== undefined)
  return [
    ...promote
      .filter(({ can }) => can)
      .map(({ environment: to }) =>
        act(
          `Promote ${name} to ${to}…`,
          `${paths.promote(name)}?to=${to}`,
          `fairway promote ${name} --to ${to} --wait`,
        ),
      ),
    ...rollback
      .filter(({ can }) => can)
      .map(({ environment: at }) =>
        act(
          `Roll back ${name} in ${at}…`,
          `${paths.rollback(name)}?environment=${at}`,
          `fairway rollback ${name} --env ${at} --wait`,
        ),
      ),
    ...running.map(({ name: at }) =>
      act(
        `Logs of ${name} in ${at}`,
        `${paths.serviceTab(name, 'logs')}?environment=${at}`,
        `fairway logs ${name} --env ${at}`,
      ),
    ),
    ...tabs
      .filter((tab) => tab !== 'logs')
      .map((tab) =>
        act(
          `${tab[0]?.toUpperCase()}${tab.slice(1)} of ${name}`,
          paths.serviceTab(name, tab),
          commands[tab]?.(name) ?? `fairway open ${name} ${tab}`,
        ),
      ),
  ]
}
