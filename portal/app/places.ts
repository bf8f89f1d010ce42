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
import { pages } from './keys.ts'

const icons = {
  Home: IconHome,
  Catalog: IconApps,
  Create: IconCirclePlus,
  Runs: IconPlayerPlay,
  Changes: IconGitPullRequest,
  Deployments: IconTable,
  Environments: IconStack2,
  Policies: IconShieldCheck,
  Activity: IconHistory,
  Docs: IconBook,
}

/** The pages of the navigation with their pictures. */
export const places = pages.map((page) => ({ ...page, Icon: icons[page.title] }))
