import { keysOf, pages } from '../keys.ts'
import { paths } from '../paths.ts'
import type { Entry } from './entry.ts'

const commands: Readonly<Partial<Record<string, string>>> = {
  [paths.catalog]: 'fairway catalog list',
  [paths.create]: 'fairway template list',
  [paths.runs]: 'fairway run list',
  [paths.changes]: 'fairway change list',
  [paths.matrix]: 'fairway matrix',
  [paths.environments]: 'fairway env list',
  [paths.policies]: 'fairway policy list',
  [paths.activity]: 'fairway audit list',
  [paths.docs]: 'fairway docs',
}

/** The pages of the portal that this person may see, each with its shortcut and its line. */
export function pageEntries(may: (action: string) => boolean, opens: { list: () => void }): readonly Entry[] {
  const page = (title: string, path: string, cli?: string): Entry => ({
    id: `page ${path}`,
    section: 'Pages',
    title,
    cli: cli ?? commands[path],
    keys: keysOf({ go: path }),
    open: { to: path },
  })
  return [
    ...pages.map(({ title, path }) => page(title, path)),
    ...(may('service.create') ? [page('Adopt a repository', paths.adopt, 'fairway adopt TEAM/NAME')] : []),
    page('Notifications', paths.notifications, 'fairway notifications list'),
    ...(may('platform.inspect') ? [page('Doctor', paths.doctor, 'fairway doctor')] : []),
    {
      id: 'shortcuts',
      section: 'Pages',
      title: 'Keyboard shortcuts',
      keys: keysOf('list'),
      open: { act: opens.list },
    },
  ]
}
