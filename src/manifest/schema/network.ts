import { z } from 'zod'
import { say } from '../explain-issue.ts'

const HOST = /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:\d{1,5})?$/

/** The runtime's own relays listen there inside every sandbox. */
const TAKEN_PORTS = ['1080', '3128']

/** Hosts that may be reached from inside the sandbox. */
export const hosts = () =>
  z
    .array(
      z
        .string()
        .max(260)
        .refine((host) => HOST.test(host) || isLoopback(host), {
          error: () =>
            say('is not a host', 'write a name such as registry.npmjs.org, *.example.org or 127.0.0.1:5432'),
        })
        .refine((host) => !host.startsWith('*.') || host.split('.').length > 2, {
          error: () => say('is too wide', 'name at least a domain and its ending: *.example.org'),
        })
        .refine((host) => !/^(localhost|127(\.\d+){3})$/.test(host), {
          error: () => say('is all of this machine', 'name one port: 127.0.0.1:5432'),
        })
        .refine((host) => !isLoopback(host) || !TAKEN_PORTS.includes(portOf(host)), {
          error: () =>
            say('cannot be had inside the sandbox', `use another port than ${TAKEN_PORTS.join(' and ')}`),
        }),
    )
    .max(100)

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\]):\d{1,5}$/.test(host)

const portOf = (host: string): string => host.slice(host.lastIndexOf(':') + 1)

/** What setup or a check may reach: nothing, the internet (neither this machine nor private networks), or some hosts. */
export const network = () =>
  z
    .union([z.boolean(), hosts()], {
      error: () => say('is not a network', 'write true, false or a list of hosts: [registry.npmjs.org]'),
    })
    .default(false)

/** From what a person wrote to what the sandbox takes. */
export const compileNetwork = (written: boolean | readonly string[]): 'any' | readonly string[] =>
  typeof written === 'boolean' ? (written ? 'any' : []) : written
