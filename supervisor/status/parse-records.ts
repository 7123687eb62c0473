import type { Heartbeat } from '../../src/contracts/liveness.ts'
import type { ProcessIdentity } from '../../src/contracts/process-identity.ts'
import type { ProcessIntent } from '../../src/contracts/registration.ts'
import type { StatusFile } from '../../src/contracts/status.ts'

/**
 * Checks the file of the contract's type of the same name by hand: loading the contract's schemas would cost five times
 * what the whole command may take. Like its siblings it throws an Error that names the place.
 */
export const parseStatus = (text: string): StatusFile => {
  const file = asObject(JSON.parse(text))
  if (file.v !== 1) throw new Error(`v is ${JSON.stringify(file.v)}; this version reads 1`)
  strings(file, ['name', 'containment', 'sandbox', 'gateTrust'])
  instants(file, ['writtenAt', 'startedAt'])
  within(file, 'supervisor', (supervisor) => {
    strings(supervisor, ['incarnation'])
    identities(supervisor, ['identity'])
  })
  if (file.cleanStop !== null) {
    within(file, 'cleanStop', (stop) => {
      instants(stop, ['at'])
      strings(stop, ['terminal'])
    })
  }
  within(file, 'counts', (counts) => numbers(counts, ['ready', 'running', 'review', 'blocked']))
  each(file, 'children', (child) => {
    strings(child, CHILD_STRINGS)
    numbers(child, CHILD_NUMBERS)
    if (child.identity !== null) identities(child, IDENTITY)
    if (child.provedAt !== null) instants(child, PROVED_AT)
    if (child.nextAt !== null) instants(child, NEXT_AT)
  })
  each(file, 'keepers', (keeper) => {
    strings(keeper, ['attempt', 'task'])
    if (keeper.identity !== null) identities(keeper, IDENTITY)
  })
  each(file, 'runs', (run) => strings(run, ['run', 'task', 'state', 'lane']))
  each(file, 'attention', (item) => strings(item, ['kind', 'subject', 'reason', 'action']))
  return file as unknown as StatusFile
}

/** The parts of a heartbeat that `status` shows or judges. */
export const parseHeartbeat = (text: string): Heartbeat => {
  const beat = asObject(JSON.parse(text))
  strings(beat, HEARTBEAT_STRINGS)
  instants(beat, AT)
  if (beat.busyUntil !== null) instants(beat, BUSY_UNTIL)
  return beat as unknown as Heartbeat
}

/** The parts of an intent that tell whose process it is, and in which boot. */
export const parseIntent = (text: string): Pick<ProcessIntent, 'role' | 'subject' | 'at'> => {
  const intent = asObject(JSON.parse(text))
  strings(intent, ['role', 'subject'])
  instants(intent, AT)
  return intent as unknown as ProcessIntent
}

/** A file that holds an identity under `identity`: the lock's owner, a keeper. */
export const parseIdentity = (text: string): ProcessIdentity => {
  const file = asObject(JSON.parse(text))
  identities(file, IDENTITY)
  return file.identity as ProcessIdentity
}

const CHILD_STRINGS = ['id', 'role', 'group', 'wanted', 'state', 'liveness', 'reason']
const CHILD_NUMBERS = ['heartbeatStaleAfterMs', 'restarts']
const HEARTBEAT_STRINGS = ['incarnation', 'doing', 'detail']
const IDENTITY = ['identity']
const PROVED_AT = ['provedAt']
const NEXT_AT = ['nextAt']
const BUSY_UNTIL = ['busyUntil']
const AT = ['at']

type Fields = Record<string, unknown>
type Names = readonly string[]

const asObject = (value: unknown): Fields => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new Error('it is not an object')
}

const strings = (fields: Fields, names: Names): void => {
  for (const name of names) if (typeof fields[name] !== 'string') throw new Error(`${name} is not a string`)
}

const numbers = (fields: Fields, names: Names): void => {
  for (const name of names) if (typeof fields[name] !== 'number') throw new Error(`${name} is not a number`)
}

const instants = (fields: Fields, names: Names): void => {
  for (const name of names) {
    const at = fields[name] as Fields | null | undefined
    if (typeof at?.wallMs === 'number' && typeof at.monoMs === 'number' && typeof at.bootId === 'string')
      continue
    throw new Error(`${name} is not a point in time`)
  }
}

const identities = (fields: Fields, names: Names): void => {
  for (const name of names) {
    const who = fields[name] as Fields | null | undefined
    const pid = who?.pid
    const known = typeof who?.startTicks === 'number' && typeof who.bootId === 'string'
    if (!known || !Number.isInteger(pid) || (pid as number) <= 0)
      throw new Error(`${name} is not a process identity`)
  }
}

/** The place is only put into words where something is wrong: a status of hundreds of children is read in no time. */
const within = (fields: Fields, name: string, check: (inner: Fields) => void): void => {
  try {
    check(asObject(fields[name]))
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`)
  }
}

const each = (fields: Fields, name: string, check: (item: Fields) => void): void => {
  const list = fields[name]
  if (!Array.isArray(list)) throw new Error(`${name} is not a list`)
  for (let at = 0; at < list.length; at++) {
    try {
      check(asObject(list[at]))
    } catch (error) {
      throw new Error(`${name}[${at}]: ${(error as Error).message}`)
    }
  }
}
