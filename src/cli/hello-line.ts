import { type ApiClient, dataOf } from '../client/client.ts'

/** The line that makes the first service of an empty platform; undefined where there is one, or where the role does not allow it. */
export async function helloLine(api: ApiClient): Promise<string | undefined> {
  const { hello } = await dataOf(api.GET('/api/v1/home'))
  return hello?.command
}
