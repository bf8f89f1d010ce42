import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

const inner = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  inner.addSubnet(net, bits, 'ipv4')
// Of IPv6 only global unicast is let out, without the parts of it that carry another address inside.
const global = new BlockList()
global.addSubnet('2000::', 3, 'ipv6')
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const)
  inner.addSubnet(net, bits, 'ipv6')

/** Whether an IP address belongs to the open internet: no loopback, private, link-local, reserved or wrapped one. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !inner.check(address, 'ipv4')
  return isIP(address) === 6 && global.check(address, 'ipv6') && !inner.check(address, 'ipv6')
}

/** A name's addresses as the connection will use them: one that is not public fails it, so a name that changes its mind gains nothing. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, '', 0)
    const wrong = found.find(({ address }) => !isPublicAddress(address))
    const [first] = found
    if (wrong || !first) {
      const refused: NodeJS.ErrnoException = new Error(`${hostname} has an address that is not public`)
      refused.code = 'ADDRESS_REFUSED'
      return callback(refused, '', 0)
    }
    if (options.all) return callback(null, found)
    callback(null, first.address, first.family)
  })
}
