import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router'
import { Failure } from '../ui/Failure.tsx'
import { Shell } from './Shell.tsx'

const root = createRootRoute({ component: Outlet })
const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  component: lazyRouteComponent(() => import('../pages/LoginPage.tsx'), 'LoginPage'),
})
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell })

// One chunk per page; a page is fetched when it is opened or when its link is pointed at.
const pages = {
  '/': lazyRouteComponent(() => import('../pages/HomePage.tsx'), 'HomePage'),
  '/catalog': lazyRouteComponent(() => import('../pages/CatalogPage.tsx'), 'CatalogPage'),
  '/create': lazyRouteComponent(() => import('../pages/CreatePage.tsx'), 'CreatePage'),
  '/adopt': lazyRouteComponent(() => import('../pages/adopt/AdoptPage.tsx'), 'AdoptPage'),
  '/create/$template': lazyRouteComponent(() => import('../pages/WizardPage.tsx'), 'WizardPage'),
  '/runs': lazyRouteComponent(() => import('../pages/RunsPage.tsx'), 'RunsPage'),
  '/runs/$id': lazyRouteComponent(() => import('../pages/RunPage.tsx'), 'RunPage'),
  '/runs/$id/commits/$commit': lazyRouteComponent(() => import('../pages/RunCommitPage.tsx'), 'RunCommitPage'),
  '/changes': lazyRouteComponent(() => import('../pages/ChangesPage.tsx'), 'ChangesPage'),
  '/changes/$owner/$repo/$number': lazyRouteComponent(() => import('../pages/ChangePage.tsx'), 'ChangePage'),
  '/deployments': lazyRouteComponent(() => import('../pages/DeploymentsPage.tsx'), 'DeploymentsPage'),
  '/environments': lazyRouteComponent(() => import('../pages/environment/EnvironmentsPage.tsx'), 'EnvironmentsPage'),
  '/environments/$name': lazyRouteComponent(
    () => import('../pages/environment/EnvironmentPage.tsx'),
    'EnvironmentPage',
  ),
  '/policies': lazyRouteComponent(() => import('../pages/PoliciesPage.tsx'), 'PoliciesPage'),
  '/activity': lazyRouteComponent(() => import('../pages/ActivityPage.tsx'), 'ActivityPage'),
  '/notifications': lazyRouteComponent(() => import('../pages/NotificationsPage.tsx'), 'NotificationsPage'),
  '/docs': lazyRouteComponent(() => import('../pages/docs/DocsPage.tsx'), 'DocsPage'),
  '/docs/fairway/$': lazyRouteComponent(() => import('../pages/docs/DocPage.tsx'), 'ProductPage'),
  '/docs/errors': lazyRouteComponent(() => import('../pages/docs/DocPage.tsx'), 'ErrorsPage'),
  '/docs/$owner/$repository/$': lazyRouteComponent(() => import('../pages/docs/DocPage.tsx'), 'RepositoryPage'),
  '/admin/doctor': lazyRouteComponent(() => import('../pages/DoctorPage.tsx'), 'DoctorPage'),
  '/catalog/$kind/$namespace/$name': lazyRouteComponent(() => import('../pages/EntityPage.tsx'), 'EntityPage'),
  '/catalog/component/default/$name': lazyRouteComponent(
    () => import('../pages/service/OverviewTab.tsx'),
    'OverviewTab',
  ),
  '/catalog/component/default/$name/deployments': lazyRouteComponent(
    () => import('../pages/service/DeploymentsTab.tsx'),
    'DeploymentsTab',
  ),
  '/catalog/component/default/$name/releases': lazyRouteComponent(
    () => import('../pages/service/ReleasesTab.tsx'),
    'ReleasesTab',
  ),
  '/catalog/component/default/$name/releases/$version': lazyRouteComponent(
    () => import('../pages/service/ReleaseTab.tsx'),
    'ReleaseTab',
  ),
  '/catalog/component/default/$name/secrets': lazyRouteComponent(
    () => import('../pages/service/SecretsTab.tsx'),
    'SecretsTab',
  ),
  '/catalog/component/default/$name/resources': lazyRouteComponent(
    () => import('../pages/service/ResourcesTab.tsx'),
    'ResourcesTab',
  ),
  '/catalog/component/default/$name/logs': lazyRouteComponent(() => import('../pages/service/LogsTab.tsx'), 'LogsTab'),
  '/catalog/component/default/$name/metrics': lazyRouteComponent(
    () => import('../pages/service/MetricsTab.tsx'),
    'MetricsTab',
  ),
  '/catalog/component/default/$name/traces': lazyRouteComponent(
    () => import('../pages/service/TracesTab.tsx'),
    'TracesTab',
  ),
  '/catalog/component/default/$name/traces/$traceId': lazyRouteComponent(
    () => import('../pages/service/TraceTab.tsx'),
    'TraceTab',
  ),
  '/catalog/component/default/$name/activity': lazyRouteComponent(
    () => import('../pages/service/ActivityTab.tsx'),
    'ActivityTab',
  ),
  '/catalog/component/default/$name/dependencies': lazyRouteComponent(
    () => import('../pages/service/DependenciesTab.tsx'),
    'DependenciesTab',
  ),
  '/catalog/component/default/$name/docs': lazyRouteComponent(() => import('../pages/service/DocsTab.tsx'), 'DocsTab'),
  '/catalog/component/default/$name/promote': lazyRouteComponent(
    () => import('../pages/PromotePage.tsx'),
    'PromotePage',
  ),
  '/catalog/component/default/$name/rollback': lazyRouteComponent(
    () => import('../pages/RollbackPage.tsx'),
    'RollbackPage',
  ),
  '/$': lazyRouteComponent(() => import('../pages/NotFoundPage.tsx'), 'NotFoundPage'),
}

const behindLogin = Object.entries(pages).map(([path, component]) =>
  createRoute({ getParentRoute: () => shell, path, component }),
)

/** Every address of the portal. */
export const router = createRouter({
  routeTree: root.addChildren([login, shell.addChildren(behindLogin)]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
  // Search parameters are plain texts: no JSON in addresses.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(search as Record<string, string>).toString()
    return text && `?${text}`
  },
})
