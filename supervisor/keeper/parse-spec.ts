import type { KeeperControl, KeeperSpec } from '../../src/contracts/keeper.ts'
import type { ProcessIdentity } from '../../src/contracts/process-identity.ts'

type Fields = Record<string, unknown>

/** What an older owner of the same protocol does not write. */
const ADDED = {
  bootMs: null,
  toolMs: null,
  processes: null,
  diskBytes: null,
  tokens: null,
  usd: null,
  turns: null,
  fuel: null,
  afterTerminalMs: 10_000,
}

const METER_ADDED = { files: [], usedBefore: null } as Fields

/**
 * Checks a spec by hand: loading zod would double the keeper's start, and the owner that wrote it has parsed it with
 * the contract's schema already.
 * @throws Error naming the field that is wrong.
 */
export const parseKeeperSpec = (text: string): KeeperSpec => {
  const spec = fields(JSON.parse(text), 'spec')
  if (spec.protocol !== 'keeper/v1') {
    throw new Error(`protocol is ${JSON.stringify(spec.protocol)}; this keeper speaks keeper/v1`)
  }
  const agent = fields(spec.agent, 'agent')
  const containment = fields(spec.containment, 'containment')
  const limits = fields(spec.limits, 'limits')
  for (const value of list(agent.argv, 'agent.argv')) text_(value, 'agent.argv')
  if ((agent.argv as unknown[]).length === 0) throw new Error('agent.argv is empty')
  for (const value of Object.values(fields(agent.env, 'agent.env'))) text_(value, 'agent.env')
  if (agent.wrapper != null)
    for (const value of list(agent.wrapper, 'agent.wrapper')) text_(value, 'agent.wrapper')
  text_(agent.cwd, 'agent.cwd')
  if (agent.stdinFile !== null) text_(agent.stdinFile, 'agent.stdinFile')
  text_(spec.attempt, 'attempt')
  text_(spec.mark, 'mark')
  if (containment.level !== 'namespace' && containment.level !== 'swept')
    throw new Error('containment.level is unknown')
  for (const name of ['wallClockMs', 'outputBytes', 'stopGraceMs', 'orphanTimeoutMs'])
    number_(limits[name], name)
  for (const name of ['idleMs', 'memoryBytes']) if (limits[name] !== null) number_(limits[name], name)
  for (const name of Object.keys(ADDED)) if (limits[name] != null) number_(limits[name], name)
  const meter = spec.meter == null ? null : { ...METER_ADDED, ...fields(spec.meter, 'meter') }
  if (meter !== null) {
    list(meter.rules, 'meter.rules')
    for (const file of list(meter.files, 'meter.files'))
      for (const name of ['folder', 'prefix', 'suffix'])
        text_(fields(file, 'meter.files')[name], `meter.files.${name}`)
  }
  if (spec.measured != null) list(spec.measured, 'measured')
  const added = {
    agentVersion: spec.agentVersion ?? null,
    resumes: spec.resumes ?? true,
    meter,
    measured: spec.measured ?? [],
    agent: { ...agent, wrapper: agent.wrapper ?? [] },
  }
  return { ...spec, ...added, limits: { ...ADDED, ...limits } } as unknown as KeeperSpec
}

/** What the owner asks for; null while the text asks for nothing that this keeper understands. */
export const parseControl = (text: string): KeeperControl | null => {
  const control = parsed(text)
  if (control?.ask !== 'stop' || typeof control.reason !== 'string') return null
  return control as KeeperControl
}

/** The identity of the owner; null where the text names none. */
export const parseOwner = (text: string): ProcessIdentity | null => {
  const identity = parsed(text)?.identity
  if (typeof identity !== 'object' || identity === null) return null
  const { pid, startTicks, bootId } = identity as Fields
  if (typeof pid !== 'number' || typeof startTicks !== 'number' || typeof bootId !== 'string') return null
  return { pid, startTicks, bootId }
}

const parsed = (text: string): Fields | null => {
  try {
    return fields(JSON.parse(text), 'file')
  } catch {
    return null
  }
}

const fields = (value: unknown, name: string): Fields => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${name} is not an object`)
  return value as Fields
}

const list = (value: unknown, name: string): unknown[] => {
  if (!Array.isArray(value)) throw new Error(`${name} is not a list`)
  return value
}

const text_ = (value: unknown, name: string): void => {
  if (typeof value !== 'string') throw new Error(`${name} is not a string`)
}

const number_ = (value: unknown, name: string): void => {
  if (typeof value !== 'number' || !(value >= 0)) throw new Error(`limits.${name} is not a number`)
}
