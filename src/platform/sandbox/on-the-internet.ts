import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Networks that are private to somebody. The runtime itself refuses names that resolve to this machine, not these. */
export const PRIVATE_NETWORKS = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
] as const

/** This machine, and what no connection to the internet is for. */
const NEAR = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/127',
  'fe80::/10',
  'ff00::/8',
]

/**
 * Whether a host, as a client names it to the proxy, may be one of the internet. A name passes: what it resolves to is
 * checked when it is dialled. An address passes unless it is of this machine, of a private network or of none.
 */
export const isOnTheInternet = (host: string): boolean => {
  const bare = host.replace(/^\[(.*)\]$/, '$1').replace(/%.*$|\.$/, '')
  const version = isIP(bare)
  if (version !== 0) return !near().check(bare, version === 4 ? 'ipv4' : 'ipv6')
  const last = bare.split('.').at(-1) ?? ''
  // Numbers that are no address are one in disguise.
  return /[a-z]/i.test(last) && !/^0x/i.test(last) && last.toLowerCase() !== 'localhost'
}

const near = (): BlockList => {
  const list = new BlockList()
  for (const network of [...NEAR, ...PRIVATE_NETWORKS]) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6')
  }
  for (const one of Object.values(networkInterfaces()).flat()) {
    if (one !== undefined) list.addAddress(one.address, one.family === 'IPv4' ? 'ipv4' : 'ipv6')
  }
  return list
}
