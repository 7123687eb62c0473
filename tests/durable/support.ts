import type { IncarnationId } from '../../src/contracts/ids.ts'
import { SpendEntry } from '../../src/contracts/spend.ts'
import type {
  CommitInput,
  EffectRow,
  InboxRow,
  Owner,
  PutRecord,
  TimerRow,
} from '../../src/contracts/store.ts'
import { type Clock, systemClock } from '../../src/platform/clock.ts'
import { plusMs } from '../../src/platform/instant-math.ts'
import { selfIdentity } from '../../src/platform/process-identity.ts'

/** A clock that stands still until it is moved; it wakes sleepers as it passes them. */
export interface ManualClock extends Clock {
  advance(ms: number): void
  setWall(ms: number): void
  reboot(bootId: string): void
}

export const manualClock = (): ManualClock => {
  let wallMs = 1_800_000_000_000
  let monoMs = 5_000_000
  let bootId = 'boot-1'
  const waiting = new Set<{ dueMs: number; run: () => void }>()
  const clock: ManualClock = {
    wallMs: () => wallMs,
    monoMs: () => monoMs,
    get bootId() {
      return bootId
    },
    now: () => ({ wallMs, monoMs, bootId }),
    // Only waiting for SQLite's lock sleeps here, and that lock is real.
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
    after: (ms, run) => {
      const entry = { dueMs: monoMs + ms, run }
      waiting.add(entry)
      return () => void waiting.delete(entry)
    },
    advance: (ms) => {
      wallMs += ms
      monoMs += ms
      for (const entry of [...waiting]) {
        if (entry.dueMs > monoMs) continue
        waiting.delete(entry)
        entry.run()
      }
    },
    setWall: (ms) => {
      wallMs = ms
    },
    reboot: (id) => {
      bootId = id
      monoMs = 1_000
    },
  }
  return clock
}

export const ownerNamed = (name: string, host = 'host-a'): Owner => ({
  incarnation: `inc-${name}` as IncarnationId,
  host,
  identity: selfIdentity(),
})

/** A commit that changes nothing but what is given. */
export const commitOf = (
  owner: Owner,
  token: number,
  given: Partial<CommitInput> & { actor: string },
): CommitInput => ({
  queue: 'goal',
  machine: 'toy',
  machineVersion: 1,
  expectedSeq: 0,
  token,
  owner: owner.incarnation,
  event: { type: 'E', data: null },
  snapshot: { value: 'a' },
  status: 'active',
  entries: 0,
  newEffects: [],
  cancelEffects: [],
  newTimers: [],
  cancelTimers: [],
  consumeInbox: [],
  consumeTimers: [],
  settleEffect: null,
  sends: [],
  ...given,
})

export const inboxOf = (id: string, actor: string, given: Partial<InboxRow> = {}): InboxRow => ({
  id,
  actor,
  queue: 'goal',
  event: { type: 'E' },
  start: null,
  ...given,
})

export const effectOf = (id: string, actor: string): EffectRow => ({
  id,
  actor,
  name: 'work',
  invokeId: 'work',
  input: {},
})

export const timerOf = (id: string, actor: string, clock: Clock, inMs: number): TimerRow => ({
  id,
  actor,
  event: { type: 'T' },
  due: plusMs(clock.now(), inMs),
})

export const recordOf = (id: string, given: Partial<PutRecord> = {}): PutRecord => ({
  kind: 'task',
  id,
  queue: 'goal',
  state: 'Ready',
  rank: 1,
  createdMs: 1,
  value: { spec: { id }, state: 'Ready' },
  expectedVersion: 0,
  event: 'task.added',
  key: `add/${id}`,
  fence: null,
  writer: 'test',
  ...given,
})

/** An open entry of the ledger. */
export const spendOf = (id: string, given: Partial<SpendEntry> = {}): SpendEntry =>
  SpendEntry.parse({
    id,
    task: `task-${id}`,
    run: 'run-1',
    lane: 'goal',
    repo: 'api',
    agent: 'a',
    agentVersion: null,
    purpose: 'attempt',
    signature: null,
    reserved: { tokens: 10, usdMicros: 20 },
    limits: { tokens: null, usdMicros: null },
    settled: null,
    conclusion: null,
    startedAt: { wallMs: 1, monoMs: 1, bootId: 'boot-1' },
    endedAt: null,
    ...given,
  })
