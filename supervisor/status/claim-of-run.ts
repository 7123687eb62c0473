import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Claim } from '../../src/contracts/status.ts'
import type { Proved } from './decide-claim.ts'
import type { StatusView } from './read-view.ts'

/** What the claim about one run depends on. */
export interface RunClaimFacts {
  readonly state: 'active' | 'waiting' | 'ended' | 'unknown'
  /** The lane that holds it. */
  readonly owner: Proved
  /** `none`: no attempt of the run has a keeper now (planning, checks, review). */
  readonly keeper: Proved | 'none'
}

/** What may be said of one run (`--run-id`); null where nobody has heard of it, which is a usage error. */
export const decideRunClaim = (facts: RunClaimFacts): Claim | null => {
  if (facts.state === 'unknown') return null
  if (facts.state === 'ended') return 'terminal_observed'
  if (facts.owner === 'gone' && (facts.keeper === 'gone' || facts.keeper === 'none')) return 'snapshot_only'
  if (facts.owner !== 'proved') return 'attachment_unproven'
  if (facts.state === 'waiting') return 'waiting_state_observed'
  return facts.keeper === 'proved' || facts.keeper === 'none' ? 'live_attached' : 'attachment_unproven'
}

/** The claim about one run of a tree that has just been read. */
export const claimOfRun = (view: StatusView, id: string): Claim | null => {
  const { status, children, keepers } = view
  const run = status?.runs.find((candidate) => candidate.run === id)
  if (run === undefined) {
    // Only what is in flight or waits stands in status.json; what has evidence and is not there has ended.
    const hasEvidence = existsSync(join(view.dir, 'runs', id))
    const state = !hasEvidence ? 'unknown' : status === null ? 'active' : 'ended'
    return decideRunClaim({ state, owner: 'gone', keeper: 'none' })
  }
  const lane = children.find(({ record }) => record.id === run.lane)
  const laneProof = lane?.proof === 'unwanted' ? 'gone' : lane?.proof
  const keeper = keepers.find(({ attempt }) => attempt === run.attempt)
  return decideRunClaim({
    state: run.state,
    owner: laneProof ?? view.supervisor.proof,
    keeper: keeper?.proof ?? 'none',
  })
}
