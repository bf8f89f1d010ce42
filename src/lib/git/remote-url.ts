import { PlatformError } from '#errors/platform-error.ts'

/** The address of a remote as Git may see it: https, or http to this machine when the remote says it lives here. */
export function checkRemoteUrl({ url, loopback = false }: { url: string; loopback?: boolean }): string {
  const reason = urlFault(url, loopback)
  if (reason) throw new PlatformError('GIT_REF_INVALID', `The address of a Git remote cannot be used: ${reason}.`)
  return url
}

function urlFault(url: string, loopback: boolean): string | undefined {
  if (url.length > 2000 || !/^[\x21-\x7e]+$/.test(url)) return 'it has blanks, control characters or is too long'
  if (/[\\'"`<>{}|^]/.test(url)) return 'it has a character that does not belong in an address'
  if (!URL.canParse(url)) return 'it is not a URL'
  const parsed = new URL(url)
  if (parsed.href !== url && parsed.href !== `${url}/`) return 'it is not written in its plain form'
  if (parsed.username !== '' || parsed.password !== '' || url.includes('@')) return 'it carries a user name'
  if (parsed.search !== '' || parsed.hash !== '') return 'it has a query or fragment'
  if (/%2e|%2f|%5c|%00|%0a|%0d/i.test(url) || parsed.pathname.includes('//')) return 'its path is ambiguous'
  if (parsed.hostname === '' || parsed.hostname.startsWith('-')) return 'its host is not valid'
  if (parsed.protocol === 'https:') return undefined
  if (parsed.protocol !== 'http:') return 'only https is allowed'
  const isLiteral = parsed.hostname === '127.0.0.1' || parsed.hostname === '[::1]'
  return loopback && isLiteral ? undefined : 'http is allowed to this machine only'
}
