import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentType } from '../../agents/agent-type.ts'
import type { AgentConfig, SecretRef } from '../../contracts/compiled-manifest.ts'

/** Which login a profile uses. Never its content. */
export interface ExaminedLogin {
  readonly from: 'env' | 'file' | 'command' | 'inherit' | 'none'
  /** The variable, file or program it comes from. */
  readonly where: string | null
  /** When the login that is stored runs out, in UTC ms; most programs renew it by themselves. */
  readonly expiresAtMs: number | null
  /** What is missing; null where nothing is. */
  readonly missing: string | null
  readonly remedy: string | null
}

/** Looks where the profile's login should come from. Only whether it is there is asked, and what its file says of its end. */
export const examineLogin = (
  agent: AgentConfig,
  type: AgentType,
  world: { readonly home: string; readonly environment: NodeJS.ProcessEnv; readonly nowMs: number },
): ExaminedLogin => {
  if (agent.inheritsLogin) return inherited(type, world)
  const [secret] = Object.entries(agent.secrets)
  if (secret !== undefined) return bySecret(agent, ...secret, world.environment)
  const wants = type.login !== null && agent.baseUrl === null
  return {
    ...found('none', null),
    ...(wants
      ? {
          missing: 'the profile names no login',
          remedy: `add agents.${agent.key}.auth: {env: ${type.login?.variables[0]}}, or auth: inherit`,
        }
      : {}),
  }
}

const found = (from: ExaminedLogin['from'], where: string | null): ExaminedLogin => ({
  from,
  where,
  expiresAtMs: null,
  missing: null,
  remedy: null,
})

const bySecret = (
  agent: AgentConfig,
  name: string,
  ref: SecretRef,
  environment: NodeJS.ProcessEnv,
): ExaminedLogin => {
  const remedy = `give it what agents.${agent.key}.auth names, as ${name}`
  if ('env' in ref) {
    const isSet = (environment[ref.env] ?? '') !== ''
    const missing = isSet ? null : `$${ref.env} is not set here`
    return {
      ...found('env', ref.env),
      missing,
      remedy: isSet ? null : `export ${ref.env} where oc-supervise runs`,
    }
  }
  if ('file' in ref) {
    const isThere = isReadable(ref.file)
    const missing = isThere ? null : `${ref.file} is not there, empty, or not readable`
    return { ...found('file', ref.file), missing, remedy: isThere ? null : remedy }
  }
  return found('command', ref.command[0] ?? '')
}

const inherited = (
  { login, type }: AgentType,
  { home, nowMs }: { readonly home: string; readonly nowMs: number },
): ExaminedLogin => {
  if (login === null)
    return {
      ...found('inherit', null),
      missing: `type ${type} keeps no login`,
      remedy: 'remove auth: inherit',
    }
  const file = join(home, login.file)
  if (!isReadable(file))
    return {
      ...found('inherit', file),
      missing: `${file} is not there`,
      remedy: `log in with ${type} once, as you`,
    }
  const expiresAtMs = expiryIn(file)
  const isOver = expiresAtMs !== null && expiresAtMs < nowMs
  return {
    ...found('inherit', file),
    expiresAtMs,
    remedy: isOver ? `if ${type} does not renew it by itself, log in again` : null,
  }
}

const isReadable = (file: string): boolean => {
  try {
    accessSync(file, constants.R_OK)
    return statSync(file).isFile() && statSync(file).size > 0
  } catch {
    return false
  }
}

const EXPIRY = /^(?:expires|expires_?at|expiry|expiry_?date)$/i
/** Seconds until the year 5138, milliseconds from 1973 on. */
const SECONDS_BELOW = 100_000_000_000

/** The latest instant that a login file gives as its end; nothing else of it is looked at or kept. */
const expiryIn = (file: string): number | null => {
  try {
    const instants: number[] = []
    JSON.parse(readFileSync(file, 'utf8'), (key, value: unknown) => {
      if (EXPIRY.test(key)) instants.push(instantOf(value))
      return null
    })
    const known = instants.filter((instant) => !Number.isNaN(instant))
    return known.length === 0 ? null : Math.max(...known)
  } catch {
    return null
  }
}

const instantOf = (value: unknown): number => {
  if (typeof value === 'string') return Date.parse(value)
  if (typeof value !== 'number') return Number.NaN
  return value < SECONDS_BELOW ? value * 1000 : value
}
