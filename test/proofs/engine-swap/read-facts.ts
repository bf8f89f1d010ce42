import { isDeepStrictEqual } from 'node:util'
import { type ApiClient, dataOf } from '../../../src/client/client.ts'

export type Facts = Awaited<ReturnType<typeof readFacts>>

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

/** What is not the same, one line each. */
export function differing(before: Facts, after: Facts): string[] {
  return (Object.keys(before) as (keyof Facts)[])
    .filter((what) => !isDeepStrictEqual(before[what], after[what]))
    .map((what) => `${what} differ: ${JSON.stringify([before[what], after[what]])}`)
}
