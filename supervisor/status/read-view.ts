import type { Instant } from '../../src/contracts/instant.ts'
import type { Heartbeat } from '../../src/contracts/liveness.ts'
import type { Attention, ChildRecord, Claim, StatusFile } from '../../src/contracts/status.ts'
import { ageMs } from '../../src/platform/instant-math.ts'
import { type ClaimDecision, type ClaimFacts, decideClaim, type Proved } from './decide-claim.ts'
import { parseHeartbeat, parseIdentity, parseStatus } from './parse-records.ts'
import { type ChildProof, proveChild } from './prove-child.ts'
import { type Prover, provedBy } from './prove-identity.ts'
import type { Stray } from './read-strays.ts'
import { statusRefreshMs } from './status-refresh.ts'

// Not imported, see prove-identity.ts.
const { readFileSync, statfsSync } = process.getBuiltinModule('node:fs')

/** One child with what was proved of it just now. */
export interface ChildView extends ChildProof {
  readonly record: ChildRecord
  /** Null too where the proof did not need it. */
  readonly heartbeat: Heartbeat | null
}

/** Everything `status` knows; each format shows a part of it. */
export interface StatusView extends ClaimDecision {
  readonly dir: string
  /** As recorded; before the first run the name of the folder, which is the name that a run will record. */
  readonly name: string
  readonly readAt: Instant
  /** Null where there is none, or none that can be read. */
  readonly status: StatusFile | null
  readonly statusAgeMs: number | null
  readonly supervisor: { readonly proof: Proved; readonly because: string }
  readonly children: readonly ChildView[]
  readonly keepers: readonly (StatusFile['keepers'][number] & { readonly proof: Proved })[]
  readonly survivors: readonly Stray[]
  readonly facts: ClaimFacts
  /** What wants a person: as recorded, and where nobody runs less what was done about it since. */
  readonly attention: readonly Attention[]
  /** Records that could not be read, each with its file and place. */
  readonly problems: readonly string[]
  /** The claim about one run, where one was asked for; `claim` null: nobody has heard of it. */
  readonly run: { readonly id: string; readonly claim: Claim | null } | null
}

/** Reads the recorded facts of a state folder and proves them anew. Never throws for what stands in the files. */
export const readView = async (dir: string, runId: string | null, prover: Prover): Promise<StatusView> => {
  const readAt = now(prover)
  const recorded = readStatus(dir)
  const status = recorded.status
  const supervisor = proveSupervisor(dir, status, readAt, prover)
  const children = (status?.children ?? []).map((record) => viewChild(dir, record, readAt, prover))
  const keepers = (status?.keepers ?? []).map((keeper) => ({
    ...keeper,
    proof: keeper.identity === null ? ('unproven' as const) : provedBy(prover.prove(keeper.identity)),
  }))
  const attached = supervisor.proof === 'proved'
  const { strays, problems } = attached ? NO_STRAYS : await findStrays(dir, status, prover)
  const facts: ClaimFacts = {
    recorded: status !== null && problems.length === 0,
    cleanStop: status?.cleanStop != null && supervisor.current,
    supervisor: supervisor.proof,
    survivors: strays.length,
    unprovenChildren: children.filter(({ proof }) => proof === 'unproven' || proof === 'gone').length,
    paused: status?.paused ?? false,
    active: countActive(status),
    waiting: countWaiting(status, children),
  }
  const view: StatusView = {
    ...decideClaim(facts),
    dir,
    name: status?.name ?? dir.slice(dir.lastIndexOf('/') + 1),
    readAt,
    status,
    statusAgeMs: status === null ? null : ageMs(readAt, status.writtenAt),
    supervisor,
    children,
    keepers,
    survivors: strays,
    facts,
    attention: await attentionOf(dir, status, supervisor.proof),
    problems: [...recorded.problems, ...problems],
    run: null,
  }
  return runId === null ? view : { ...view, run: { id: runId, claim: await claimOf(view, runId) } }
}

const claimOf = async (view: StatusView, runId: string): Promise<Claim | null> =>
  (await import('./claim-of-run.ts')).claimOfRun(view, runId)

/** A supervisor that lives takes up what is left for it, now or when it goes on. */
const attentionOf = async (
  dir: string,
  status: StatusFile | null,
  supervisor: Proved,
): Promise<readonly Attention[]> => {
  const recorded = status?.attention ?? []
  if (supervisor !== 'gone' || recorded.length === 0) return recorded
  return (await import('./untaken-attention.ts')).untakenAttention(dir, recorded)
}

const NO_STRAYS = { strays: [], problems: [] }

const now = (prover: Prover): Instant => ({
  wallMs: Date.now(),
  monoMs: Number(process.hrtime.bigint() / 1000n) / 1000,
  bootId: prover.bootId,
})

const readStatus = (dir: string): { status: StatusFile | null; problems: string[] } => {
  const path = `${dir}/status.json`
  try {
    return { status: parseStatus(readFileSync(path, 'utf8')), problems: [] }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return { status: null, problems: missing ? [] : [`${path} cannot be used: ${(error as Error).message}`] }
  }
}

/** `current`: the record is of the supervisor that ran last; false where another has taken the lock since. */
const proveSupervisor = (
  dir: string,
  status: StatusFile | null,
  readAt: Instant,
  prover: Prover,
): { proof: Proved; because: string; current: boolean } => {
  const next = nextSupervisor(dir, status, prover)
  if (next !== null) {
    return {
      proof: 'unproven',
      because: `pid ${next} has started and not recorded anything yet`,
      current: false,
    }
  }
  if (status === null) return { proof: 'gone', because: 'never recorded', current: true }
  const { pid } = status.supervisor.identity
  const proof = prover.prove(status.supervisor.identity)
  const proved = provedBy(proof)
  if (proved === 'gone') return { proof: 'gone', because: `pid ${pid} is gone`, current: true }
  if (proof.proof === 'halted') return { proof: 'unproven', because: `pid ${pid} is stopped`, current: true }
  if (proof.proof === 'unknown') return { proof: 'unproven', because: proof.reason, current: true }
  const oldMs = ageMs(readAt, status.writtenAt)
  return oldMs < 3 * statusRefreshMs(status.children)
    ? {
        proof: 'proved',
        because: `pid ${pid} runs and wrote ${Math.round(oldMs / 1000)} s ago`,
        current: true,
      }
    : {
        proof: 'unproven',
        because: `pid ${pid} last wrote ${Math.round(oldMs / 1000)} s ago${hasRoom(dir) ? '' : '; the disk is full'}`,
        current: true,
      }
}

/** Less than a block or two: nothing that a supervisor writes fits. */
const hasRoom = (dir: string): boolean => {
  const { bavail, bsize } = statfsSync(dir)
  return bavail * bsize >= 16_384
}

/** The pid of a living supervisor that is not the one of status.json; null where there is none. */
const nextSupervisor = (dir: string, status: StatusFile | null, prover: Prover): number | null => {
  try {
    const owner = parseIdentity(readFileSync(`${dir}/supervisor.owner.json`, 'utf8'))
    const recorded = status?.supervisor.identity
    const same =
      recorded?.pid === owner.pid &&
      recorded.startTicks === owner.startTicks &&
      recorded.bootId === owner.bootId
    return same || provedBy(prover.prove(owner)) === 'gone' ? null : owner.pid
  } catch {
    // Its only use is a message and this one race; the lock itself is the truth.
    return null
  }
}

const viewChild = (dir: string, record: ChildRecord, readAt: Instant, prover: Prover): ChildView => {
  const process = record.identity === null ? null : prover.prove(record.identity)
  let heartbeat: Heartbeat | null = null
  const proof = proveChild(
    record,
    process,
    () => {
      heartbeat = readHeartbeat(`${dir}/heartbeats/${record.id}.json`)
      return heartbeat
    },
    readAt,
  )
  return { record, heartbeat, ...proof }
}

const readHeartbeat = (path: string): Heartbeat | null => {
  try {
    return parseHeartbeat(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

const findStrays = async (dir: string, status: StatusFile | null, prover: Prover) => {
  const { readStrays } = await import('./read-strays.ts')
  const known = [
    ...(status?.children ?? []).map(({ role, id, identity }) => ({ role, subject: id, identity })),
    ...(status?.keepers ?? []).map(({ attempt, identity }) => ({
      role: 'keeper',
      subject: attempt,
      identity,
    })),
  ]
  return readStrays(
    dir,
    known.flatMap(({ identity, ...rest }) => (identity === null ? [] : [{ ...rest, identity }])),
    prover,
  )
}

/** Tasks in flight. An agent at work is part of its task's run, which may not be recorded yet. */
const countActive = (status: StatusFile | null): number => {
  const active = status?.runs.filter((run) => run.state === 'active') ?? []
  return new Set([...active, ...(status?.keepers ?? [])].map(({ task }) => task)).size
}

/**
 * What waits for a person, quota, a window or evidence, each once: a Blocked task under its id; an open gate stands for
 * the run that waits at it, and a lane that says it waits for the runs it holds.
 */
const countWaiting = (status: StatusFile | null, children: readonly ChildView[]): number => {
  const runs = status?.runs.filter((run) => run.state === 'waiting') ?? []
  const attention = status?.attention ?? []
  const gates = attention.filter(({ kind }) => kind === 'open_gate').length
  const stopped = attention.filter(({ kind }) => kind === 'blocked_task' || kind === 'question')
  const tasks = new Set(runs.map(({ task }) => task))
  const lanes = children.filter(
    ({ record, heartbeat, proof }) =>
      proof === 'proved' && heartbeat?.doing === 'waiting' && !runs.some(({ lane }) => lane === record.id),
  )
  const others = new Set(stopped.map(({ subject }) => subject).filter((subject) => !tasks.has(subject)))
  return Math.max(tasks.size, gates) + others.size + lanes.length
}
