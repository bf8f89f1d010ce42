import { type ApiClient, dataOf } from '../../../src/client/client.ts'

/** What must not change when a product takes the place of another: services, releases, deployments, catalog. */
export async function readFacts(api: ApiClient) {
  const services = (await dataOf(api.GET('/api/v1/services', { params: { query: {} } }))).items
  const names = services.map(({ name }) => name)
  const releases = await Promise.all(
    names.map(
      async (name) => (await dataOf(api.GET('/api/v1/services/{name}/releases', { params: { path: { name } } }))).items,
    ),
  )
  const deployments = await Promise.all(
    names.map(
      async (name) =>
        (await dataOf(api.GET('/api/v1/services/{name}/deployments', { params: { path: { name } } }))).items,
    ),
  )
  const entities = (await dataOf(api.GET('/api/v1/entities', { params: { query: {} } }))).items
  return {
    services: services.map(({ name, owner }) => ({ name, owner })),
    releases: releases.flat().map(({ version, commit, digest }) => ({ version, commit, digest })),
    deployments: deployments.flat().map(({ environment, commit, version, outcome, requestedBy }) => {
      return { environment, commit, version, outcome, requestedBy }
    }),
    catalog: entities.map(({ ref }) => ref).toSorted(),
  }
}
