import { apiClient, dataOf } from '@fairway/client'

/** The one way to the server: the generated client with the session's cookie. A lost session leads to the login page. */
export const api = apiClient({ baseUrl: location.origin, fetch: fetchSignedIn })

/** Data of an answer, or the problem as an error. */
export const data = dataOf

async function fetchSignedIn(request: RequestInfo | URL, options?: RequestInit): Promise<Response> {
  const response = await fetch(request, options)
  if (response.status === 401 && location.pathname !== '/login') {
    const here = location.pathname + location.search
    location.assign(`/login?next=${encodeURIComponent(here)}`)
  }
  return response
}
