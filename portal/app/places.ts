import {
  IconApps,
  IconBook,
  IconCirclePlus,
  IconGitPullRequest,
  IconHistory,
  IconHome,
  IconPlayerPlay,
  IconShieldCheck,
  IconStack2,
  IconTable,
} from '@tabler/icons-react'
import { paths } from './paths.ts'

/** The pages of the navigation, in its order, with the second key of `g …`. */
export const places = [
  { title: 'Home', path: paths.home, key: 'h', Icon: IconHome },
  { title: 'Catalog', path: paths.catalog, key: 'c', Icon: IconApps },
  { title: 'Create', path: paths.create, key: 'n', Icon: IconCirclePlus },
  { title: 'Runs', path: paths.runs, key: 'r', Icon: IconPlayerPlay },
  { title: 'Changes', path: paths.changes, key: 'm', Icon: IconGitPullRequest },
  { title: 'Deployments', path: paths.matrix, key: 'x', Icon: IconTable },
  { title: 'Environments', path: paths.environments, key: 'e', Icon: IconStack2 },
  { title: 'Policies', path: paths.policies, key: 'p', Icon: IconShieldCheck },
  { title: 'Activity', path: paths.activity, key: 'a', Icon: IconHistory },
  { title: 'Docs', path: paths.docs, key: 'd', Icon: IconBook },
] as const
