import type { AllowedNetwork, LoopbackPort } from './sandbox-world.ts'

/** The allowed hosts that are this machine's loopback: they need a way in, as a sandbox has a loopback of its own. */
export const loopbackPorts = (network: AllowedNetwork): LoopbackPort[] => {
  const found = new Map<number, LoopbackPort>()
  for (const entry of network === 'any' ? [] : network) {
    const match = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\]):(\d{1,5})$/.exec(entry)
    if (match === null) continue
    const [, name = '', port = ''] = match
    found.set(Number(port), { host: name === 'localhost' ? '127.0.0.1' : name, port: Number(port) })
  }
  return [...found.values()]
}
